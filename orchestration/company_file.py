"""The text of a company.toml, each key with a comment: what `repledger init` and `repledger demo` write.

Belongs here: words beside the keys, their order. Doesn't: checking the values (`settings`), what the entities are (the input layer).
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping

from orchestration.landing.declarations import standard_entities
from orchestration.settings import BASES, CONNECTORS, CONTRACT_MEASURES, COST_BASES, CREDIT_POLICIES, LEAVE_TYPES, ROLES_WITHOUT_CREDIT, Source

_AREAS = ("crm", "payroll", "expenses", "plans", "finance", "reference")


def standard_sources() -> tuple[Source, ...]:
    """A source for each area of the input layer, delivering all of its entities in the mode the templates mean."""
    entities = standard_entities().values()
    return tuple(Source(area, "standard", {entity.name: entity.mode for entity in entities if entity.area == area}) for area in _AREAS)


def render_company_toml(
    *,
    name: str,
    reporting_currency: str,
    fiscal_year_start_month: int,
    time_zone: str,
    credit_policy: str,
    constant_currency_on: dt.date,
    sources: Iterable[Source],
    fiscal_calendar: str | None = None,
    bases: Iterable[str] = BASES[:1],
    real_index: str | None = None,
    contract_measure: str | None = None,
    cost_bases: Iterable[str] = COST_BASES[:1],
) -> str:
    """A company.toml that `settings.read_company` takes, for sources of any connectors."""
    sources = tuple(sources)
    connectors = list(dict.fromkeys(source.connector for source in sources))
    head = (
        "# The company that this home belongs to. Repledger reads it at the start of every run; an unknown or missing key stops the run.\n\n"
        f"# Name, as pages and the company's own rows show it.\nname = {_text(name)}\n\n"
        f"# Money that everything is told in: an ISO 4217 code.\nreporting_currency = {_text(reporting_currency)}\n\n"
        "# Month in which the fiscal year starts, 1 to 12. A year is named by the calendar year it ends in.\n"
        f"fiscal_year_start_month = {fiscal_year_start_month}\n\n"
        "# The calendar whose fiscal years are the company's where they are not whole months (4-4-5, 52 or 53 weeks, a year-end that was\n"
        "# changed): a calendar_code of fiscal_calendar, as it is delivered. The month above counts no more then.\n"
        f"{'# ' if fiscal_calendar is None else ''}fiscal_calendar = {_text(fiscal_calendar or '445')}\n\n"
        "# Zone of delivered times that carry no offset: a name of the IANA time zone database.\n"
        f"time_zone = {_text(time_zone)}\n\n"
        f"# Whom fct_credit credits a sale to: {', '.join(CREDIT_POLICIES)}. Revenue, lifetime value and ratios do not depend on it.\n"
        "# handover: the acquirer keeps what was handed over, the heir is credited with what changes. credit_policy_comparison has all of them.\n"
        f"credit_policy = {_text(credit_policy)}\n\n"
        "# Roles of the CRM that bear no credit: such a person is counted in the group and has no ratio alone, in capitals or not. A manager who\n"
        "# sells bears credit, and so does a role that is not listed. Left out, it is the list below.\n"
        f"# roles_without_credit = [{', '.join(map(_text, ROLES_WITHOUT_CREDIT))}]\n\n"
        f"# On which amount the values of years and careers stand, too: {', '.join(CONTRACT_MEASURES)}. Another than revenue has rows of its own\n"
        "# beside it, whose value_measure names it, through the lens as_sold.\n"
        f"{'# ' if contract_measure is None else ''}contract_measure = {_text(contract_measure or CONTRACT_MEASURES[0])}\n\n"
        "# Kinds of absence that leave the ratio, as HR names them, in capitals or not: long leave. What is paid for these days is in nobody's year,\n"
        "# and the days count nowhere. Vacation and short sickness are not among them: list sick only if HR means long sickness by it. Left out,\n"
        "# it is the list below; [] is none.\n"
        f"# leave_types = [{', '.join(map(_text, LEAVE_TYPES))}]\n\n"
        "# Date whose exchange rates the constant basis uses for all years.\n"
        f"constant_currency_on = {constant_currency_on.isoformat()}\n\n"
        "# In which money values and costs are told, each as rows of its own: nominal (at the rates of the day; always), constant (all years at\n"
        "# the rates of constant_currency_on), real (nominal, in the prices of one month). Each one more makes answers that much larger.\n"
        f"bases = [{', '.join(map(_text, bases))}]\n\n"
        "# Against whose cost a rep is measured, each as rows of its own in rep_value: actual (the own one; always), standard (the mean cost of\n"
        "# role and country by full-time days, of at least five people): comparing people on actual cost punishes seniority and good benefits.\n"
        f"cost_bases = [{', '.join(map(_text, cost_bases))}]\n\n"
        "# The price index of the real basis, as the index_code that price_index delivers; and the month whose prices it tells in, which is\n"
        "# that of constant_currency_on unless it stands here.\n"
        f"{'# ' if real_index is None else ''}real_index = {_text(real_index or 'CPI')}\n# real_base_month_on = 2026-01-01\n\n"
        f"# Connectors that are on, of: {', '.join(CONNECTORS)}.\nconnectors = [{', '.join(map(_text, connectors))}]\n\n"
        "# Hours that somebody at full time works in a month: what an hour of a coach costs is the coach's month divided by them. Twenty days of\n"
        "# eight hours, what is left of 173 paid hours (2,080 / 12) after leave and holidays, since an hour of help is an hour worked.\n"
        "# full_time_hours_month = 160\n\n"
        "# Figures that moved far from the last publication stop a run; after looking at them, accept those of this as-of date.\n"
        "# drift_accepted_on = 2026-01-31\n\n"
        "# Budget rates: what one unit of a currency is worth in the reporting one. Where there is one, the constant basis takes it instead of\n"
        "# the rate of constant_currency_on; a currency that has no rate on that day needs one.\n"
        "# [budget_rates]\n# EUR = 1.1\n\n"
        "# Under which version of its definition a metric is made, where not under the latest: dim_metric has each in words. Version 1 of rep_cost\n"
        "# is pay and expenses alone, version 2 has paid leave in it, by version 3 who reports to a manager for a day carries of the whole month.\n"
        "# [metric_versions]\n# rep_cost = 1\n\n"
        "# A command that is called when a night or a run in the UI fails. It gets one JSON object on its standard input (run_id, job, error,\n"
        "# home), has 20 seconds, and starts in this folder. If it fails, the run ended as it ended all the same.\n"
        '# [alerts]\n# command = ["/path/to/script"]\n\n'
        "# What need not be kept. `repledger prune` removes from the landing what was loaded more than landing_days ago and is unchanged; from\n"
        "# raw the rows that have counted nowhere (superseded, withdrawn) for raw_days and that no kept publication was made from; and each\n"
        "# night too, publications beyond the last ones and each month's last of so many months. look_backs is how many days of\n"
        "# `nightly --as-known-on` stay, those that were published last. A key that is left out keeps for good, but publications, which is 14 then.\n"
        "# [retention]\n# landing_days = 90\n# raw_days = 400\n# publications = 14\n# month_ends = 120\n# look_backs = 24\n\n"
        "# Sources: a system that delivers files, as landing/<source>/<entity>/<extract date>/<file>. For each: its connector, then its\n"
        '# entities with their mode: "snapshot" (each extract is the whole, what is missing has ended) or "delta" (what changed).\n'
        '# To take fewer columns of an entity: [sources.<source>.columns] and entity = ["column", ...].\n'
        "# When a system is replaced, declare the new one beside the old one, with takes_over_from and takes_over_on: of what both deliver,\n"
        "# the old one answers for all days before that one, and the new one from it on.\n"
    )
    return head + "".join(map(_source, sources))


def _source(source: Source) -> str:
    lines = [f"\n[sources.{source.name}]", f"connector = {_text(source.connector)}", *_FORMAT]
    if source.takeover is not None:
        lines += [f"takes_over_from = {_text(source.takeover.source)}", f"takes_over_on = {source.takeover.on.isoformat()}"]
    lines += ["", f"[sources.{source.name}.entities]"]
    lines += [f"{entity} = {_text(mode)}" for entity, mode in source.entities.items()]
    lines += _columns(source.name, source.columns)
    return "\n".join(lines) + "\n"


_FORMAT = ('format = "csv"  # .csv, .csv.gz or .zip (of one .csv), comma separated, with a header', 'encoding = "utf-8"  # with or without BOM')


def _columns(name: str, columns: Mapping[str, tuple[str, ...]]) -> list[str]:
    if not columns:
        return []
    return ["", f"[sources.{name}.columns]", *(f"{entity} = [{', '.join(map(_text, names))}]" for entity, names in columns.items())]


def _text(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
