"""Histories: spans on both clocks, one suite a versioned entity of the input layer."""

from collections.abc import Iterator

from expectations.marts.absences import ABSENCES
from expectations.marts.reused_ids import MEANS_ANOTHER, id_not_reused
from expectations.vocabulary import BLOCK, NOTE, Check, Suite, no_overlap, no_rows, not_null, rule, suite
from orchestration.landing.declarations import Entity, standard_entities

_KEY = "a version without its key belongs to nothing"
_EMPTY = "a span without a day holds nothing: a version would be lost without a word"
_OVERLAP = "on every day, as known on every day, one version holds: two would count their money twice"

_OPEN = "valid_to_on = date '9999-12-31'"

# Sales and pay are asked in the core, which keeps their lines; spend is added up at once, where a missing rate would not be seen.
_SPEND_HAS_A_RATE = no_rows(
    "rate_known",
    """
    select spend.marketing_spend_id, spend.currency, spend.month_on, spend._file, spend._line
    from (select * from {batch}) as spend
    left join core.core_fx_span as rate on
        spend.currency = rate.currency and spend.month_on >= rate.holds_from_on and spend.month_on < rate.holds_to_on
    where spend.known_to_on = date '9999-12-31' and spend.valid_to_on = date '9999-12-31' and rate.currency is null
    """,
    keys=("_file", "_line", "marketing_spend_id", "currency", "month_on"),
    severity=BLOCK,
    why="no rate of this currency on or before the month; deliver one in fx_rate: a missing rate is never 1",
)


# What is counted twice when two systems say it of one key. People, jobs, territories and campaigns may come from several
# systems: of them one says the last. Versions reach back without end, so that even after a handover both owners would hold.
_ONE_SOURCE = {
    "account": "true",
    "crm_user": "true",
    "opportunity": _OPEN,
    "order_line": _OPEN,
    "goal": _OPEN,
    "marketing_spend": _OPEN,
    "price_index": _OPEN,
    "fiscal_calendar": _OPEN,
    "pay_item": _OPEN,
    "expense_line": _OPEN,
    "crosswalk": _OPEN,
}

# A split that was given away whole adds up, however it is divided; the models divide what was sold by what was said.
_SPLITS_ARE_WHOLE = no_rows(
    "revenue_splits_are_whole",
    f"""
    select opportunity_id, sum(split_pct) as split_pct
    from {{batch}}
    where known_to_on = date '9999-12-31' and {_OPEN} and split_role = 'revenue'
    group by opportunity_id
    having sum(split_pct) <> 100
    """,
    keys=("opportunity_id",),
    shows=("split_pct",),
    severity=NOTE,
    why="the revenue splits of an opportunity don't add up to 100; what was sold is divided in their proportion, so that it stays whole",
)


# A year is compared with the one before, and a day is in one period: what is between two, or in both, would be in no year or in two.
_FOLLOWS = f"""
    with
        periods as (
            select calendar_code, fiscal_year, fiscal_period, starts_on, ends_on
            from {{batch}}
            where known_to_on = date '9999-12-31' and {_OPEN}
        ),
        following as (
            select
                *,
                lead(starts_on) over days as next_starts_on,
                lead(fiscal_year) over days as next_fiscal_year,
                lead(fiscal_period) over days as next_fiscal_period
            from periods
            window days as (partition by calendar_code order by starts_on, ends_on, fiscal_year, fiscal_period)
        )
"""
_CALENDAR = (
    no_rows(
        "periods_follow_each_other",
        f"{_FOLLOWS} select * from following where next_starts_on <> ends_on",
        keys=("calendar_code", "fiscal_year", "fiscal_period", "ends_on", "next_starts_on"),
        severity=BLOCK,
        why="the next period of this calendar begins later than this one ends (a gap) or earlier (an overlap); ends_on is the day after the last",
    ),
    no_rows(
        "periods_are_numbered",
        f"""{_FOLLOWS}
        select * from following
        where
            next_starts_on is not null
            and (next_fiscal_year, next_fiscal_period) <> (fiscal_year, fiscal_period + 1)
            and (next_fiscal_year, next_fiscal_period) <> (fiscal_year + 1, 1)
        """,
        keys=("calendar_code", "fiscal_year", "fiscal_period", "next_fiscal_year", "next_fiscal_period"),
        severity=BLOCK,
        why="after a period of this calendar comes the next of its year, or the first of the next year: number both without a gap, a short year too",
    ),
    no_rows(
        "company_calendar_delivered",
        f"""
        select $fiscal_calendar as calendar_code
        where
            $fiscal_calendar is not null
            and not exists (
                select 1 from {{batch}} where calendar_code = $fiscal_calendar and known_to_on = date '9999-12-31' and {_OPEN}
            )
        """,
        keys=("calendar_code",),
        severity=BLOCK,
        why="company.toml names it as fiscal_calendar, and nobody delivered it; deliver it in fiscal_calendar, or name one that was delivered",
    ),
)


# The day by which it is decided which of two sources answers for an event. That of a pay item is part of its key.
_ANSWERED = {"order_line": "ordered_on", "expense_line": "spent_on"}


def _answered_once(entity: str, key: tuple[str, ...], day: str) -> Check:
    """Of an event that both sources of a takeover tell under one key, exactly one is told by the source that answers for its day."""
    names = ", ".join(f"events.{name}" for name in key)
    return no_rows(
        "answered_once",
        f"""
        select {names}, min(events._source) as one_source, max(events._source) as other_source
        from (select * from {{batch}}) as events
        inner join core.core_takeover as takeover on
            takeover.entity = '{entity}' and events._source in (takeover.taken_source, takeover.taking_source)
        where events.known_to_on = date '9999-12-31' and events.valid_to_on = date '9999-12-31'
        group by {names}, takeover.taken_source, takeover.taking_source
        having
            min(events._source) <> max(events._source)
            and count(case when (events._source = takeover.taken_source) = (events.{day} < takeover.takes_over_on) then 1 end) <> 1
        """,
        keys=(*key, "one_source", "other_source"),
        severity=BLOCK,
        why="two sources tell one event, dated on either side of the takeover: it would count twice, or never; mend the date in one of them",
        is_of_key=True,
    )


def _one_source(entity: str, key: tuple[str, ...], counted: str) -> Check:
    names = ", ".join(key)
    takes_over = "(takeover.taken_source = shared.one_source and takeover.taking_source = shared.other_source)"
    is_taken_over = "(takeover.taking_source = shared.one_source and takeover.taken_source = shared.other_source)"
    return no_rows(
        "one_source",
        f"""
        select {", ".join(f"shared.{name}" for name in key)}, shared.one_source, shared.other_source
        from (
            select {names}, min(_source) as one_source, max(_source) as other_source
            from {{batch}}
            where known_to_on = date '9999-12-31' and {counted}
            group by {names}
            having min(_source) <> max(_source)
        ) as shared
        left join core.core_takeover as takeover on takeover.entity = '{entity}' and ({takes_over} or {is_taken_over})
        where takeover.entity is null
        """,
        keys=(*key, "one_source", "other_source"),
        severity=BLOCK,
        why="two sources deliver the same key, and it would count twice; let one of them deliver it, declare which one takes_over_from the other, "
        "or give keys of two systems different prefixes",
        is_of_key=True,
    )


def _history_suite(entity: Entity) -> Suite:
    name = f"core_{entity.name}_history"
    return suite(name, f"core.{name}", "core", (*entity.key, "valid_from_on", "known_from_on"), *_checks(entity))


def _checks(entity: Entity) -> Iterator[Check]:
    for column in entity.key:
        yield not_null(column, severity=BLOCK, why=_KEY)
    yield rule("valid_span_not_empty", "coalesce(valid_from_on >= valid_to_on, true)", severity=BLOCK, why=_EMPTY)
    yield rule("known_span_not_empty", "coalesce(known_from_on >= known_to_on, true)", severity=BLOCK, why=_EMPTY)
    yield no_overlap(*entity.key, "_source", severity=BLOCK, why=_OVERLAP)
    if entity.name in _ONE_SOURCE:
        yield _one_source(entity.name, entity.key, _ONE_SOURCE[entity.name])
    if entity.name in MEANS_ANOTHER:
        yield id_not_reused(entity.name, *entity.key)
    if entity.name in _ANSWERED:
        yield _answered_once(entity.name, entity.key, _ANSWERED[entity.name])
    if entity.name == "opportunity_split":
        yield _SPLITS_ARE_WHOLE
    if entity.name == "fiscal_calendar":
        yield from _CALENDAR
    if entity.name == "absence":
        yield from ABSENCES
    if entity.name == "marketing_spend":
        yield _SPEND_HAS_A_RATE


# What has an effective date has versions; the rest are events.
SUITES = tuple(_history_suite(entity) for entity in standard_entities().values() if any(column.name == "effective_on" for column in entity.columns))
