"""The night's facts as SQL: what `$as_of` and the like stand for in a check, and which rows of a table a suite looks at.

Belongs here: filling in. Doesn't: what is asked (`vocabulary` and the suites), asking it (`gate`).
"""

import re
from collections.abc import Iterable, Mapping
from string import Template

from expectations.guarded import guarded_columns, open_columns
from expectations.report import Night
from expectations.vocabulary import QueryCheck, RowCheck, Suite, sql_text

BREAKS = "breaks__"


class SuiteSql:
    """The SQL of one suite on one night."""

    def __init__(self, suite: Suite, night: Night) -> None:
        self.suite = suite
        self._facts = _facts(suite, night)
        self._rows = Template(_rows_of(suite)).substitute(self._facts)
        told = night.told_keys.get(suite.table)
        self._rows_of_keys = f"(select * from {suite.table} as told where {told}) as rows_of_keys" if told else None

    def batch(self, checks: list[RowCheck]) -> str:
        """The suite's rows, with a column for each rule that is null unless the row breaks it: one scan serves all."""
        marks = "".join(f', case when {self.filled(check.breaks)} then 1 end as "{BREAKS}{check.name}"' for check in checks if not check.expectation)
        return f"select *{marks} from {self._rows}"

    def query(self, check: QueryCheck, batch: str | None = None) -> str:
        """The rows that break a check on many rows. batch: what stands for the suite's own rows."""
        if check.is_of_key and self._rows_of_keys:
            batch = self._rows_of_keys
        return self.filled(check.sql).replace("{batch}", batch or f"(select * from {self._rows}) as batch")

    def failing(self, check: RowCheck | QueryCheck, columns: tuple[str, ...]) -> str:
        """Every row that breaks the check, with these columns only, in one order."""
        names = ", ".join(f'"{column}"' for column in columns)
        if isinstance(check, QueryCheck):
            return f"select {names} from ({self.query(check)}) as failing order by all"
        return f"select {names} from {self._rows} where {self.filled(check.breaks)} order by all"

    def describe(self) -> str:
        """No row, all columns."""
        return f"select * from {self._rows} limit 0"

    def filled(self, sql: str) -> str:
        """The SQL with the night's facts in it."""
        return Template(sql).substitute(self._facts)


def shown_columns(suite: Suite, check: RowCheck | QueryCheck, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that may be written down of a row that breaks the check, its key first. columns: those of the suite's rows."""
    if isinstance(check, QueryCheck):
        return _unguarded(suite, (*check.keys, *check.shows))
    if suite.entity is None:
        columns = tuple(column for column in columns if column in open_columns(suite.table))
    else:
        # A delivered row may hold anything; file and line say where the rest of it is.
        columns = tuple(column for column in columns if re.search(rf"\b{re.escape(column)}\b", check.breaks))
    return _unguarded(suite, (*key_columns(suite, check), *columns))


def key_columns(suite: Suite, check: RowCheck | QueryCheck) -> tuple[str, ...]:
    """The columns that name a row that breaks the check."""
    if isinstance(check, QueryCheck):
        return _unguarded(suite, check.keys)
    return _unguarded(suite, (*suite.key, *(("_file", "_line") if suite.entity else ())))


def _unguarded(suite: Suite, columns: tuple[str, ...]) -> tuple[str, ...]:
    contract = suite.entity.columns if suite.entity else ()
    guarded = guarded_columns(suite.table) | {column.name for column in contract if column.is_guarded}
    names = (column.strip('"') for column in columns)
    return tuple(dict.fromkeys(name for name in names if name not in guarded))


def _rows_of(suite: Suite) -> str:
    if suite.entity is None:
        return suite.table
    # An empty cell is null, as staging reads it.
    given = ", ".join(f'nullif("{column.name}", \'\') as "{column.name}"' for column in suite.entity.columns)
    return f"(select * replace ({given}) from {suite.table} where $is_new_file) as delivered"


def _facts(suite: Suite, night: Night) -> Mapping[str, str]:
    sources = [each.source for each in night.entities if each.entity == suite.entity]
    files = _list(night.new_deliveries or ())
    return {
        "as_of": f"date '{night.as_of}'",
        "drift_accepted_on": f"date '{night.drift_accepted_on or '0001-01-01'}'",
        "reporting_currency": sql_text(night.reporting_currency),
        "fiscal_calendar": sql_text(night.fiscal_calendar) if night.fiscal_calendar else "cast(null as varchar)",
        "entity": sql_text(suite.entity.name if suite.entity else ""),
        "sources": _list(sources),
        "is_taken_over": _is_taken_over(suite, night),
        "is_new_extract": "true" if night.new_deliveries is None else f"list_has_any(files, {files})",
        "is_new_file": "true" if night.new_deliveries is None else f"({_new_days(suite, night.new_deliveries)} and list_contains({files}, _file))",
    }


def _is_taken_over(suite: Suite, night: Night) -> str:
    """True of a row of the ledger whose source no longer answers: one that did deliver the entity took over from it."""
    entity = suite.entity.name if suite.entity else ""
    delivered = f"(select source from raw.delivery where entity = {sql_text(entity)} and state in ('loaded', 'repeated'))"
    pairs = [(pair.taken, pair.taking) for pair in night.takeovers if entity in pair.entities and pair.on <= night.as_of]
    told = (f"(source = {sql_text(taken)} and {sql_text(taking)} in {delivered})" for taken, taking in pairs)
    return f"({' or '.join(told)})" if pairs else "false"


def _new_days(suite: Suite, files: Iterable[str]) -> str:
    """The dates of the new files, written out, so that only raw files of those days are opened. A path is source/entity/date/name."""
    entity = suite.entity.name if suite.entity else ""
    days = sorted({parts[2] for parts in (file.split("/") for file in files) if parts[1] == entity})
    dates = ", ".join(f"date '{day}'" for day in days)
    return f"_extract_date in ({dates})" if days else "false"


def _list(values: object) -> str:
    return f"cast([{', '.join(sql_text(value) for value in values)}] as varchar[])"  # type: ignore[attr-defined]
