"""The words that suites are written in. Each says what must hold, why, and whether breaking it blocks the publication.

A check is told to Great Expectations and, when it fails, asked again for every row that breaks it: one predicate for both.
Belongs here: building checks, as plain data. Doesn't: running them (`gate`), Great Expectations itself, facts of one table.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestration.landing.declarations import Entity
from orchestration.landing.predicates import uncastable_sql

Severity = Literal["BLOCK", "NOTE"]
BLOCK: Severity = "BLOCK"
NOTE: Severity = "NOTE"

Layer = Literal["raw", "core", "marts", "answers"]
LAYERS: tuple[Layer, ...] = ("raw", "core", "marts", "answers")

NO_KEY = "a row without its whole key can't be found again, and two of one key count twice"

# What SQLAlchemy would take for a parameter of its own.
_BIND_PARAMETER = re.compile(r"(?<![:\w\\]):\w+(?!:)")


@dataclass(frozen=True)
class RowCheck:
    """What holds of each row. breaks: true of a row that breaks it. expectation: GX's own name for it and its arguments, if it has one."""

    name: str
    breaks: str
    severity: Severity
    why: str
    expectation: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_bind_parameters(self.name, self.breaks)


@dataclass(frozen=True)
class QueryCheck:
    """What holds of many rows or tables. sql: the rows that break it; `{batch}` is the suite's own table, `$as_of` and the like the night's.

    keys: columns that name a row of it. shows: further columns that may be written down; nothing else leaves the warehouse.
    is_drift: only a note where a person accepted that figures moved or rows went. previous: tables of the last publication that it looks at.
    is_due_without_rows: asked also on a night that brought nothing of the entity.
    is_of_key: a row breaks it together with rows of its own key alone, so that a night asks only the keys that it made anew.
    """

    name: str
    sql: str
    keys: tuple[str, ...]
    severity: Severity
    why: str
    shows: tuple[str, ...] = ()
    is_drift: bool = False
    previous: tuple[str, ...] = ()
    is_due_without_rows: bool = False
    is_of_key: bool = False

    def __post_init__(self) -> None:
        _refuse_bind_parameters(self.name, self.sql)


Check = RowCheck | QueryCheck


@dataclass(frozen=True)
class Suite:
    """All that must hold of one table. key: columns that name a row. entity: the delivered entity, for a suite on raw."""

    name: str
    table: str
    layer: Layer
    key: tuple[str, ...]
    checks: tuple[Check, ...]
    entity: Entity | None = None


def suite(name: str, table: str, layer: Layer, key: Sequence[str], *checks: Check, entity: Entity | None = None) -> Suite:
    """A suite; each of its checks has a name of its own."""
    names = [check.name for check in checks]
    for check_name in names:
        if names.count(check_name) > 1:
            raise ValueError(f"{name} has two checks named {check_name}")
    return Suite(name, table, layer, tuple(key), checks, entity)


def keyed_fact(name: str, *key: str) -> Suite:
    """A fact of which only the key is asked: its amounts tie out elsewhere, or it has none."""
    return suite(name, f"main.{name}", "marts", key, *names_a_row(*key))


def rule(name: str, breaks: str, *, severity: Severity, why: str) -> RowCheck:
    """No row for which the SQL condition is true."""
    return RowCheck(name, breaks, severity, why)


def not_null(column: str, *, severity: Severity, why: str) -> RowCheck:
    """The column is given. On raw, an empty cell is null, as staging reads it."""
    return RowCheck(f"{column}_not_null", f'"{column}" is null', severity, why, "ExpectColumnValuesToNotBeNull", {"column": column})


def in_set(column: str, values: Sequence[str], *, severity: Severity, why: str) -> RowCheck:
    """The column is null or one of the values."""
    arguments = {"column": column, "value_set": list(values)}
    return RowCheck(f"{column}_in_set", f'"{column}" not in ({_literals(values)})', severity, why, "ExpectColumnValuesToBeInSet", arguments)


def in_codes(column: str, codes: Sequence[str], *, severity: Severity, why: str) -> RowCheck:
    """The delivered text is empty or one of the codes, in whatever case: the models read it in lower case."""
    return RowCheck(f"{column}_in_set", f'lower("{column}") not in ({_literals(codes)})', severity, why)


def between(column: str, low: float | None, high: float | None, *, severity: Severity, why: str) -> RowCheck:
    """The column, a number, is null or within the bounds, which belong to it."""
    outside = [f'"{column}" < {low}'] * (low is not None) + [f'"{column}" > {high}'] * (high is not None)
    arguments = {"column": column, "min_value": low, "max_value": high}
    return RowCheck(f"{column}_between", " or ".join(outside), severity, why, "ExpectColumnValuesToBeBetween", arguments)


def castable(column: str, data_type: str, *, severity: Severity, why: str) -> RowCheck:
    """The delivered text is empty or of the type: the predicate with which the landing layer looked at it."""
    return RowCheck(f"{column}_castable", uncastable_sql(f'"{column}"', data_type), severity, why)


def number_between(column: str, low: float | None, high: float | None, *, severity: Severity, why: str) -> RowCheck:
    """Delivered text that is a number lies within the bounds; what is no number is `castable`'s to say."""
    number = as_number(column)
    outside = [f"{number} < {low}"] * (low is not None) + [f"{number} > {high}"] * (high is not None)
    return RowCheck(f"{column}_between", " or ".join(outside), severity, why)


def in_order(first: str, second: str, *, severity: Severity, why: str) -> RowCheck:
    """Where both delivered dates are given, the second is later."""
    return RowCheck(f"{second}_after_{first}", f"{as_date(second)} <= {as_date(first)}", severity, why)


def not_after_extract(column: str, *, why: str, severity: Severity = NOTE) -> RowCheck:
    """A delivered date is not later than the extract that holds it."""
    return RowCheck(f"{column}_not_after_extract", f"{as_date(column)} > _extract_date", severity, why)


def since_1950(column: str) -> RowCheck:
    """A delivered date is one of a month that the models know."""
    why = "months are kept from 1950 on: what is dated before is a slip of the year, and would be in some sums and not in others"
    return RowCheck(f"{column}_since_1950", f"{as_date(column)} < date '1950-01-01'", BLOCK, why)


def first_of_month(column: str, *, severity: Severity, why: str) -> RowCheck:
    """A delivered date that names a month is its first day."""
    return RowCheck(f"{column}_first_of_month", f"extract(day from {as_date(column)}) <> 1", severity, why)


def unique_key(*columns: str, severity: Severity, why: str, where: str = "true") -> QueryCheck:
    """No two rows share the columns; nulls count as equal."""
    names = ", ".join(columns)
    sql = f"select {names}, count(*) as row_count from {{batch}} where {where} group by {names} having count(*) > 1"
    return QueryCheck("key_unique", sql, columns, severity, why, shows=("row_count",), is_of_key=True)


def names_a_row(*key: str) -> tuple[Check, ...]:
    """Each column of the key is there, and no two rows share it."""
    return (*(not_null(column, severity=BLOCK, why=NO_KEY) for column in key), unique_key(*key, severity=BLOCK, why=NO_KEY))


def no_overlap(*key: str, severity: Severity, why: str) -> QueryCheck:
    """Spans of one key never overlap on both clocks at once. Half-open.

    What is known now needs one look at the next span of each key; only keys with spans that are no longer believed need all pairs.
    """
    names = ", ".join(key)
    same_key = " and ".join(f"earlier.{column} = later.{column}" for column in key)
    span = "valid_from_on, valid_to_on, known_from_on, known_to_on"
    sql = f"""
        with spans as (select {names}, {span}, known_open_to_on from {{batch}}),
        followed as (
            select *, lead(valid_from_on) over by_key as next_valid_from_on, lead(known_from_on) over by_key as next_known_from_on
            from spans
            where known_to_on = date '9999-12-31'
            window by_key as (partition by {names} order by valid_from_on, known_from_on)
        ),
        numbered as (
            select *, row_number() over (partition by {names} order by known_from_on, valid_from_on) as position
            from spans
            where ({names}) in (select ({names}) from spans where known_to_on < date '9999-12-31')
        )
        select {names}, {span} from followed where next_valid_from_on < valid_to_on or next_known_from_on < known_open_to_on
        union all
        select {", ".join(f"later.{column}" for column in key)}, later.valid_from_on, later.valid_to_on, later.known_from_on, later.known_to_on
        from numbered as earlier
        inner join numbered as later on
            {same_key}
            and earlier.position < later.position
            and earlier.valid_from_on < later.valid_to_on
            and later.valid_from_on < earlier.valid_to_on
            and earlier.known_from_on < later.known_to_on
            and later.known_from_on < earlier.known_to_on
    """
    keys = (*key, "valid_from_on", "known_from_on")
    return QueryCheck("spans_no_overlap", sql, keys, severity, why, shows=("valid_to_on", "known_to_on"), is_of_key=True)


def no_rows(name: str, sql: str, *, keys: Sequence[str], severity: Severity, why: str, shows: Sequence[str] = (), is_of_key: bool = False) -> QueryCheck:
    """The query finds nothing. Only `keys` and `shows` of what it finds are ever written down."""
    return QueryCheck(name, sql, tuple(keys), severity, why, tuple(shows), is_of_key=is_of_key)


def ties_out(name: str, sql: str, *, keys: Sequence[str], why: str, shows: Sequence[str] = (), is_of_key: bool = False) -> QueryCheck:
    """`left_amount` and `right_amount` of each row of the query agree to the cent; null agrees with nothing. Always blocks.

    Amounts derived from pay are kept out of `shows`: the key says where to look.
    """
    untied = f"select * from ({sql}) as compared where coalesce(abs(left_amount - right_amount) >= 0.005, true)"
    return QueryCheck(name, untied, tuple(keys), BLOCK, why, tuple(shows), is_of_key=is_of_key)


def drift(name: str, sql: str, *, previous: Sequence[str], keys: Sequence[str], why: str, severity: Severity = BLOCK, shows: Sequence[str] = ()) -> QueryCheck:
    """Nothing moved too far since the last publication, which the query knows as `previous.main`. Accepted by `drift_accepted_on`."""
    return QueryCheck(name, sql, tuple(keys), severity, why, tuple(shows), is_drift=True, previous=tuple(previous))


def volume_like_before(*, tolerance: float, at_least: int, severity: Severity, why: str) -> QueryCheck:
    """A snapshot kept at least `tolerance` of the rows of the one before it, if that had `at_least`; after one with rows it has some.

    Accepted by `drift_accepted_on`.
    """
    sql = f"""
        {_LOADED_BY_EXTRACT}
        select source, extract_date, loaded, loaded_before
        from compared
        where
            mode = 'snapshot'
            and ((loaded_before >= {at_least} and loaded < {tolerance} * loaded_before) or (loaded_before > 0 and loaded = 0))
            and extract_date > $drift_accepted_on
            and $is_new_extract
    """
    return QueryCheck("volume_like_before", sql, ("source", "extract_date"), severity, why, shows=("loaded", "loaded_before"), is_drift=True)


def volume_no_jump(*, times: int, at_least: int, severity: Severity, why: str) -> QueryCheck:
    """An extract has at most `times` the rows of the largest before it, if it has `at_least`."""
    sql = f"""
        {_LOADED_BY_EXTRACT}
        select source, extract_date, loaded, largest_before
        from compared
        where loaded >= {at_least} and loaded > {times} * largest_before and $is_new_extract
    """
    return QueryCheck("volume_no_jump", sql, ("source", "extract_date"), severity, why, shows=("loaded", "largest_before"))


def fresh(*, days: int, severity: Severity, why: str) -> QueryCheck:
    """Each source that has ever delivered the entity, and still answers for it, did so within the days before the as-of date."""
    sql = f"""
        select source, max(extract_date) as last_extract_on
        from raw.delivery
        where entity = $entity and list_contains($sources, source) and state in ('loaded', 'repeated') and not $is_taken_over
        group by source
        having max(extract_date) < $as_of - {days}
    """
    return QueryCheck("fresh", sql, ("source", "last_extract_on"), severity, why, is_due_without_rows=True)


_LOADED_BY_EXTRACT = """
        with extracts as (
            select source, mode, extract_date, sum(loaded) as loaded, list(file) as files
            from raw.delivery
            where entity = $entity and list_contains($sources, source) and state in ('loaded', 'repeated')
            group by source, mode, extract_date
        ),
        compared as (
            select
                *,
                lag(loaded) over by_source as loaded_before,
                max(loaded) over (by_source rows between unbounded preceding and 1 preceding) as largest_before
            from extracts
            window by_source as (partition by source, mode order by extract_date)
        )
"""


def as_number(column: str) -> str:
    """Delivered text as a number to compare, null where it is none: of fifteen digits, since a long decimal takes a hundred times as long to read."""
    return f'try_cast("{column}" as double)'


def as_date(column: str) -> str:
    """Delivered text as a date, null where it is none."""
    return f'try_cast("{column}" as date)'


def _literals(values: Sequence[str]) -> str:
    return ", ".join(sql_text(value) for value in values)


def sql_text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def _refuse_bind_parameters(name: str, sql: str) -> None:
    found = _BIND_PARAMETER.search(sql)
    if found:
        raise ValueError(f"{name}: SQLAlchemy would read {found.group()} as a parameter; write cast(...) or take the colon out of the pattern")
