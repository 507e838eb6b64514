"""Where a company's home is and what its company.toml says. The one place that reads the environment, when run.

Belongs here: paths of the home, the parsed and checked company.toml. Doesn't: what a connector's tables look like
(`landing.declarations`), anything that opens the warehouse.
"""

import csv
import datetime as dt
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from orchestration.errors import ConfigurationError

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_DIR = PROJECT_DIR / "dbt_project"

Mode = Literal["snapshot", "delta"]
CREDIT_POLICIES = ("acquirer", "owner", "split", "handover")
CONTRACT_MEASURES = ("revenue", "acv", "booked", "recognised", "invoiced", "collected")
"""The amounts of contracts on which the value of a year or a career can stand; revenue, net of what a partner keeps, always does."""
ROLES_WITHOUT_CREDIT = ("SDR", "SE", "CSM", "house")
"""Who find, support or look after what others sell, and the house. A manager who sells, and a role that nobody declares, bears credit."""
CONNECTORS = ("standard", "adventureworks", "ecb")
BASES = ("nominal", "constant", "real")
"""In which money amounts can be told, the one that is always there first."""
COST_BASES = ("actual", "standard")
"""Whose cost a person is measured against: the own one, or the mean of those in the same role and country."""
LEAVE_TYPES = ("parental", "maternity", "paternity", "long_sick", "care", "military", "sabbatical", "unpaid")
"""Kinds of absence that leave the ratio, unless company.toml says others."""
ROW_WISE = ("standard",)
"""Connectors that turn each delivered line into a row, whatever else was delivered."""
_REQUIRED = {
    "name": str,
    "reporting_currency": str,
    "fiscal_year_start_month": int,
    "time_zone": str,
    "credit_policy": str,
    "constant_currency_on": dt.date,
    "connectors": list,
    "sources": dict,
}
_OPTIONAL = {
    "fiscal_calendar": str,
    "bases": list,
    "cost_bases": list,
    "leave_types": list,
    "real_index": str,
    "real_base_month_on": dt.date,
    "budget_rates": dict,
    "full_time_hours_month": int,
    "roles_without_credit": list,
    "contract_measure": str,
    "metric_versions": dict,
    "drift_accepted_on": dt.date,
    "alerts": dict,
    "retention": dict,
}
_ALONE = {key for key, kind in (_REQUIRED | _OPTIONAL).items() if kind is not dict}
"""Keys that stand in no table."""
_SOURCE_KEYS = {"connector", "format", "encoding", "entities", "columns", "takes_over_from", "takes_over_on"}


@dataclass(frozen=True)
class Home:
    """The folder that holds one company: everything Repledger reads and writes.

    as_known_on: a look back. Only extracts dated up to it are known, and what is built and published from them stands aside.
    """

    root: Path
    as_known_on: dt.date | None = None

    def as_known(self, day: dt.date) -> "Home":
        """The same company, as it was known on a day."""
        return replace(self, as_known_on=day)

    def _aside(self, folder: Path) -> Path:
        return folder if self.as_known_on is None else folder / "as_known_on" / str(self.as_known_on)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb" if self.as_known_on is None else self.work / "warehouse.duckdb"

    @property
    def failed(self) -> Path:
        return self._aside(self.root / "failed")

    @property
    def notes(self) -> Path:
        """What the gate only noted on the last night: the rows of each check."""
        return self._aside(self.root / "notes")

    @property
    def published(self) -> Path:
        return self._aside(self.root / "published")

    @property
    def company_file(self) -> Path:
        return self.root / "company.toml"

    @property
    def truth(self) -> Path:
        """True answers of a simulated company; only `demo` writes here."""
        return self.root / "truth"

    @property
    def work(self) -> Path:
        """Scratch of the build: dbt's target folder, Dagster's run history."""
        return self._aside(self.root / ".work")

    @property
    def lock(self) -> Path:
        """One for the home, whatever day it is looked at from."""
        return self.root / ".work" / "lock"


@dataclass(frozen=True)
class Takeover:
    """From which source another one takes over, and on which day: before it the old one answers, from it the new one."""

    source: str
    on: dt.date


@dataclass(frozen=True)
class Source:
    """One system that delivers files, as company.toml declares it.

    entities: mode by entity. columns: for an entity, the columns we take when not all that the connector knows.
    """

    name: str
    connector: str
    entities: Mapping[str, Mode]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takeover: Takeover | None = None


@dataclass(frozen=True)
class Retention:
    """What `prune` may remove, and each night of publications. landing_days, raw_days, month_ends, look_backs: None keeps for good."""

    landing_days: int | None = None
    raw_days: int | None = None
    publications: int = 14
    month_ends: int | None = None
    look_backs: int | None = None


@dataclass(frozen=True)
class Company:
    """A checked company.toml.

    fiscal_calendar: the delivered calendar whose years are the company's; without one they begin with fiscal_year_start_month.
    bases: nominal first. budget_rates: what one unit of a currency is worth in the reporting one, instead of the rate of
    constant_currency_on. real_index, real_base_month_on: the price index, and the month whose money real amounts are told in.
    metric_versions: under which version of its definition each metric is made. contract_measure: on which amount the values of years and
    careers stand beside revenue.
    """

    name: str
    reporting_currency: str
    fiscal_year_start_month: int
    time_zone: str
    credit_policy: str
    constant_currency_on: dt.date
    connectors: tuple[str, ...]
    sources: Mapping[str, Source]
    fiscal_calendar: str | None = None
    bases: tuple[str, ...] = BASES[:1]
    cost_bases: tuple[str, ...] = COST_BASES[:1]
    real_index: str | None = None
    real_base_month_on: dt.date | None = None
    budget_rates: Mapping[str, Decimal] = field(default_factory=dict)
    full_time_hours_month: int = 160
    metric_versions: Mapping[str, int] = field(default_factory=lambda: _metric_versions({}, ""))
    drift_accepted_on: dt.date | None = None
    roles_without_credit: tuple[str, ...] = ROLES_WITHOUT_CREDIT
    contract_measure: str = CONTRACT_MEASURES[0]
    leave_types: tuple[str, ...] = LEAVE_TYPES
    alert_command: tuple[str, ...] = ()
    retention: Retention = field(default_factory=Retention)


def home_from_environment() -> Home:
    """The home that Dagster works on: `REPLEDGER_HOME`, else ./home."""
    return Home(Path(os.environ.get("REPLEDGER_HOME", "home")).resolve())


def read_company(home: Home) -> Company:
    """Read and check company.toml. Raises ConfigurationError naming the key that is wrong."""
    path = home.company_file
    if not path.is_file():
        raise ConfigurationError("there is no company.toml", where=str(path), do="run `repledger init` or `repledger demo` first")
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"not readable as TOML: {error}", where=str(path), do="mend the line that is named") from error
    return _company(table, str(path))


def _company(table: dict[str, Any], where: str) -> Company:
    _check_keys(table, set(_REQUIRED), set(_OPTIONAL), where)
    for key, kind in (_REQUIRED | _OPTIONAL).items():
        if key in table and (not isinstance(table[key], kind) or isinstance(table[key], (bool, dt.datetime))):
            raise ConfigurationError(f"`{key}` must be a {_KIND_NAMES[kind]}", where=where, do="see the comment beside the key")
    _check_values(table, where)
    sources = {name: _source(name, source, table["connectors"], where) for name, source in table["sources"].items()}
    _check_takeovers(sources, where)
    if not sources:
        raise ConfigurationError("`sources` declares no source", where=where, do="declare at least one `[sources.<name>]`")
    alert_command = _alert_command(table["alerts"], where) if "alerts" in table else ()
    retention = _retention(table["retention"], where) if "retention" in table else Retention()
    made = ("connectors", "sources", "bases", "cost_bases", "budget_rates", "roles_without_credit", "leave_types", "metric_versions", "alerts", "retention")
    plain = {key: table[key] for key in table if key not in made}
    return Company(
        **plain,
        connectors=tuple(table["connectors"]),
        sources=sources,
        bases=_bases(table, where),
        cost_bases=_cost_bases(table, where),
        budget_rates=_budget_rates(table.get("budget_rates", {}), table["reporting_currency"], where),
        roles_without_credit=tuple(table.get("roles_without_credit", ROLES_WITHOUT_CREDIT)),
        leave_types=tuple(table.get("leave_types", LEAVE_TYPES)),
        metric_versions=_metric_versions(table.get("metric_versions", {}), where),
        alert_command=alert_command,
        retention=retention,
    )


_KIND_NAMES = {str: "text", int: "whole number", dt.date: "date (2024-01-31, without quotes)", list: "list", dict: "table"}


def _refuse_misplaced(table: Mapping[str, Any], inside: str, where: str) -> None:
    """A line at the end of the file belongs to the last table that was begun, whatever its writer meant."""
    # An entity has the name of a key.
    told = set(table) - ({"fiscal_calendar"} if inside.endswith((".entities", ".columns")) else set())
    for key in sorted(_ALONE & told):
        do = "move the line to the top, above the first line in square brackets"
        raise ConfigurationError(f"`{key}` stands under [{inside.rstrip('.')}]", where=where, do=do)


def _check_keys(table: Mapping[str, Any], required: set[str], optional: set[str], where: str, inside: str = "") -> None:
    if inside:
        _refuse_misplaced(table, inside, where)
    for key in sorted(set(table) - required - optional):
        raise ConfigurationError(f"unknown key `{inside}{key}`", where=where, do=f"known keys: {', '.join(sorted(required | optional))}")
    for key in sorted(required - set(table)):
        do = "add it; what `repledger init --home DIR` writes into a new DIR shows each key with a comment"
        raise ConfigurationError(f"missing key `{inside}{key}`", where=where, do=do)


def _check_values(table: Mapping[str, Any], where: str) -> None:
    def refuse(key: str, rule: str) -> None:
        raise ConfigurationError(f"`{key}` is {table[key]!r}", where=where, do=rule)

    if not table["name"].strip():
        refuse("name", "write the company's name")
    if table["reporting_currency"] not in _iso_currencies():
        refuse("reporting_currency", "give an ISO 4217 code of three capitals, like USD")
    if not 1 <= table["fiscal_year_start_month"] <= 12:
        refuse("fiscal_year_start_month", "give a month from 1 to 12")
    if table.get("fiscal_calendar") is not None and (not table["fiscal_calendar"].strip() or table["fiscal_calendar"] != table["fiscal_calendar"].strip()):
        refuse("fiscal_calendar", "write a calendar_code as it is delivered, or take the line out: years begin with fiscal_year_start_month then")
    if table["time_zone"] != "UTC" and table["time_zone"] not in available_timezones():
        refuse("time_zone", "give a name of the IANA time zone database, like Europe/Berlin")
    if table["credit_policy"] not in CREDIT_POLICIES:
        refuse("credit_policy", f"choose one of {', '.join(CREDIT_POLICIES)}")
    if table.get("contract_measure", CONTRACT_MEASURES[0]) not in CONTRACT_MEASURES:
        refuse("contract_measure", f"choose one of {', '.join(CONTRACT_MEASURES)}")
    if not 1 <= table.get("full_time_hours_month", 1) <= 744:
        refuse("full_time_hours_month", "give the hours that somebody at full time works in a month, like 160")
    if not all(isinstance(role, str) and role.strip() for role in table.get("roles_without_credit", [])):
        refuse("roles_without_credit", 'write roles as the CRM names them, roles_without_credit = ["SDR", ...]; [] for none')
    if not all(isinstance(kind, str) and kind.strip() for kind in table.get("leave_types", [])):
        refuse("leave_types", 'write kinds of absence as HR names them, leave_types = ["parental", ...]; [] for none')
    for connector in table["connectors"]:
        if connector not in CONNECTORS:
            refuse("connectors", f"choose from {', '.join(CONNECTORS)}")


def _bases(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """In the order in which they are built; the nominal one need not be named."""
    told = table.get("bases", [])
    for basis in told:
        if basis not in BASES:
            raise ConfigurationError(f"`bases` names {basis!r}", where=where, do=f"choose from {', '.join(BASES)}")
    if "real" in told and not table.get("real_index"):
        do = "write the index_code of the price index that turns nominal money into real, as it is delivered"
        raise ConfigurationError("`bases` names 'real', and there is no `real_index`", where=where, do=do)
    month_on = table.get("real_base_month_on")
    if month_on is not None and month_on.day != 1:
        raise ConfigurationError(f"`real_base_month_on` is {month_on}", where=where, do="give the first day of a month")
    return tuple(basis for basis in BASES if basis == "nominal" or basis in told)


def _cost_bases(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """In the order in which they are built; the actual one need not be named."""
    told = table.get("cost_bases", [])
    for basis in told:
        if basis not in COST_BASES:
            raise ConfigurationError(f"`cost_bases` names {basis!r}", where=where, do=f"choose from {', '.join(COST_BASES)}")
    return tuple(basis for basis in COST_BASES if basis == COST_BASES[0] or basis in told)


def _budget_rates(table: Mapping[str, Any], reporting_currency: str, where: str) -> Mapping[str, Decimal]:
    rates = {}
    for currency, told in table.items():
        if currency not in _iso_currencies() or currency == reporting_currency:
            do = f"name a currency by its ISO 4217 code, other than {reporting_currency}"
            raise ConfigurationError(f"`budget_rates.{currency}` is no rate of another currency", where=where, do=do)
        rate = Decimal(told) if isinstance(told, int | Decimal) and not isinstance(told, bool) else None
        if rate is None or not rate.is_finite() or not 0 < rate < 10**12 or rate != round(rate, 12):
            do = f"give what one {currency} is worth in {reporting_currency}, above 0 and with at most 12 decimals"
            raise ConfigurationError(f"`budget_rates.{currency}` is {told!r}", where=where, do=do)
        rates[currency] = rate
    return rates


def _metric_versions(told: Mapping[str, Any], where: str) -> Mapping[str, int]:
    """The version of each metric that figures are made under: the one that is told, else the latest."""
    known = _known_metric_versions()
    for metric, version in told.items():
        if metric not in known:
            raise ConfigurationError(f"`metric_versions.{metric}` is no metric", where=where, do=f"choose from {', '.join(known)}")
        if isinstance(version, bool) or version not in known[metric]:
            do = f"choose from {', '.join(map(str, known[metric]))}, as dim_metric defines them, without quotes"
            raise ConfigurationError(f"`metric_versions.{metric}` is {version!r}", where=where, do=do)
    return {metric: told.get(metric, max(versions)) for metric, versions in known.items()}


def _known_metric_versions() -> Mapping[str, tuple[int, ...]]:
    known: dict[str, tuple[int, ...]] = {}
    with (DBT_DIR / "seeds" / "metric.csv").open(newline="", encoding="utf-8") as seed:
        for row in csv.DictReader(seed):
            known[row["metric"]] = (*known.get(row["metric"], ()), int(row["version"]))
    return known


def _alert_command(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    _check_keys(table, {"command"}, set(), where, "alerts.")
    command = table["command"]
    if not isinstance(command, list) or not command or not all(isinstance(part, str) and part for part in command):
        do = 'write command = ["/path/to/script", "argument", ...]'
        raise ConfigurationError("`alerts.command` must be a list of texts, first the program", where=where, do=do)
    return tuple(command)


def _retention(table: Mapping[str, Any], where: str) -> Retention:
    _check_keys(table, set(), set(vars(Retention())), where, "retention.")
    for key, value in table.items():
        least = 1 if key == "publications" else 0
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ConfigurationError(f"`retention.{key}` is {value!r}", where=where, do=f"give a whole number from {least} on, or leave the key out")
    return Retention(**table)


def _iso_currencies() -> frozenset[str]:
    """The codes that the models know; a reporting currency beside them would be a rate that is missing for every sale."""
    with (DBT_DIR / "seeds" / "iso_currency.csv").open(newline="", encoding="utf-8") as seed:
        return frozenset(row["currency_code"] for row in csv.DictReader(seed))


def _source(name: str, table: Any, connectors: list[str], where: str) -> Source:
    inside = f"sources.{name}."
    if not isinstance(table, dict):
        raise ConfigurationError(f"`sources.{name}` must be a table", where=where, do=f"write `[sources.{name}]`")
    _check_keys(table, {"connector", "entities"}, _SOURCE_KEYS - {"connector", "entities"}, where, inside)
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or "__" in name:
        raise ConfigurationError(f"`sources.{name}` is no name of a source", where=where, do="use lower-case letters, digits and single underscores")
    if table["connector"] not in connectors:
        raise ConfigurationError(f"`{inside}connector` is {table['connector']!r}, which is not on", where=where, do="name a connector that `connectors` lists")
    for key, only in (("format", "csv"), ("encoding", "utf-8")):
        if table.get(key, only) != only:
            raise ConfigurationError(f"`{inside}{key}` is {table[key]!r}", where=where, do=f"only {only!r} is read so far")
    for key in ("entities", "columns"):
        if not isinstance(table.get(key, {}), dict):
            raise ConfigurationError(f"`{inside}{key}` must be a table", where=where, do=f"write `[{inside}{key}]` and a line an entity below it")
        _refuse_misplaced(table.get(key, {}), f"{inside}{key}", where)
    for entity, mode in table["entities"].items():
        if mode not in ("snapshot", "delta"):
            meant = "; the company's key of that name stands at the top, above the first line in square brackets" if entity in _ALONE else ""
            raise ConfigurationError(f"`{inside}entities.{entity}` is {mode!r}", where=where, do=f"write 'snapshot' or 'delta'{meant}")
    for entity, names in table.get("columns", {}).items():
        if not isinstance(names, list) or not all(isinstance(column, str) for column in names):
            raise ConfigurationError(f"`{inside}columns.{entity}` must be a list of names", where=where, do=f'write {entity} = ["column", ...]')
    columns = {entity: tuple(names) for entity, names in table.get("columns", {}).items()}
    for entity in columns.keys() - table["entities"].keys():
        raise ConfigurationError(f"`{inside}columns.{entity}` belongs to no entity of the source", where=where, do="declare the entity or take the line out")
    return Source(name, table["connector"], table["entities"], columns, _takeover(table, where, inside))


def _takeover(table: Mapping[str, Any], where: str, inside: str) -> Takeover | None:
    source, on = table.get("takes_over_from"), table.get("takes_over_on")
    if source is None and on is None:
        return None
    if not isinstance(source, str):
        raise ConfigurationError(f"`{inside}takes_over_from` must name a source", where=where, do='write takes_over_from = "<source>" beside takes_over_on')
    if not isinstance(on, dt.date) or isinstance(on, dt.datetime):
        do = "write the day from which the new source answers (2024-04-01, without quotes)"
        raise ConfigurationError(f"`{inside}takes_over_on` must be a date", where=where, do=do)
    return Takeover(source, on)


def _check_takeovers(sources: Mapping[str, Source], where: str) -> None:
    """One after the other, each from one source: days that don't come in that order would leave some with two answers or none."""
    heirs: dict[str, str] = {}
    for name, takeover in ((name, source.takeover) for name, source in sources.items() if source.takeover):
        inside = f"`sources.{name}.takes_over_from` is {takeover.source!r}"
        if takeover.source not in sources or takeover.source == name:
            raise ConfigurationError(
                f"{inside}, which is no other source", where=where, do="name a source that `sources` declares, also when it delivers no more"
            )
        if takeover.source in heirs:
            raise ConfigurationError(f"{inside}, and so is that of {heirs[takeover.source]}", where=where, do="let one source take over from another")
        heirs[takeover.source] = name
        before = sources[takeover.source].takeover
        if before is not None and before.on >= takeover.on:
            raise ConfigurationError(f"{inside}, which answers only from {before.on}", where=where, do="give takes_over_on days in the order of the takeovers")


def time_zone(company: Company) -> ZoneInfo:
    """The zone in which a time without an offset is read."""
    return ZoneInfo(company.time_zone)
