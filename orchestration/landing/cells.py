"""Cells that forbid a delivery: required and empty, of another type than declared, in a currency that there is not.

Belongs here: asking the predicates of freshly loaded rows, and telling which lines. Doesn't: the predicates themselves.
A cell of a pay or personal column is never told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.declarations import Column, Declared
from orchestration.landing.predicates import empty_sql, is_currency_column, uncastable_sql, uncastable_words_sql, unknown_currency_sql
from orchestration.landing.problems import RefusalError, counted
from orchestration.landing.readers import glob_literal, literal, quoted

_MOST_TOLD = 100_000
_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class _Rule:
    """What a cell must not be. breaks: SQL that is true of a cell that is so; words: SQL of a text that says it."""

    column: Column
    breaks: str
    words: str
    is_cell_told: bool


def check_cells(connection: duckdb.DuckDBPyConnection, parquet: Sequence[Path], declared: Declared, *, file: str) -> None:
    """Raise RefusalError if any cell forbids the delivery, naming the first and counting the others."""
    rules = list(_rules(declared))
    rows = f"read_parquet([{', '.join(literal(glob_literal(path)) for path in parquet)}])"
    counts = connection.execute(f"select {', '.join(f'count_if({rule.breaks})' for rule in rules)} from {rows}").fetchone() if rules else ()
    broken = [(rule, count) for rule, count in zip(rules, counts or (), strict=True) if count]
    if not broken:
        return
    concerns = sorted((one for rule, _ in broken for one in _concerns(connection, rows, rule)), key=lambda one: one["line"])
    total = sum(count for _, count in broken)
    first = concerns[0]
    cell = f": {first['cell']!r}" if "cell" in first else ""
    more = f" (and {counted(total - 1, 'more cell')})" if total > 1 else ""
    raise RefusalError(
        f"line {first['line']}: `{first['column']}` {first['reason']}{cell}{more}",
        where=file,
        do="mend the cell and deliver the file again",
        concerns=concerns,
    )


def _rules(declared: Declared) -> Iterator[_Rule]:
    for column in declared.columns:
        cell, is_told = quoted(column.name), not column.is_guarded
        given = "true"
        if column.is_required or column.name in declared.entity.key:
            yield _Rule(column, empty_sql(cell), "'is required and empty'", False)
            # A cell of blanks is one fault, not two.
            given = f"not {empty_sql(cell)}"
        if is_currency_column(column.name):
            yield _Rule(column, f"({unknown_currency_sql(cell)} and {given})", "'is no ISO 4217 currency'", is_told)
        if column.type != "varchar":
            yield _Rule(column, f"({uncastable_sql(cell, column.type)} and {given})", uncastable_words_sql(cell, column.type), is_told)


def _concerns(connection: duckdb.DuckDBPyConnection, rows: str, rule: _Rule) -> list[dict[str, Any]]:
    name = rule.column.name
    sql = f"select _line, {rule.words}, {quoted(name)} from {rows} where {rule.breaks} order by _line limit {_MOST_TOLD}"
    found = connection.execute(sql).fetchall()
    if not rule.is_cell_told:
        return [{"line": line, "column": name, "reason": reason} for line, reason, _ in found]
    return [{"line": line, "column": name, "reason": reason, "cell": cell[:_LONGEST_SHOWN]} for line, reason, cell in found]
