"""Which published cell is asked for.

Belongs here: reading `TABLE COLUMN key=value …` against the current publication, the messages of wrong use. Doesn't: what made the cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.errors import ConfigurationError
from orchestration.publication.manifest import Publication, PublishedTable

if TYPE_CHECKING:
    import duckdb

SHOWN = "shown"
"""The name under which the published file is attached."""
_DEFAULTS = {"lens": "as_sold", "basis": "nominal", "value_measure": "revenue", "cost_basis": "actual", "age_months": ""}
_NULLS = ("", "null")
_SHOWN_VALUES = 8


@dataclass(frozen=True)
class Cell:
    """A cell of a published table. key: the columns that name its row; row: the whole row."""

    table: str
    column: str
    key: Mapping[str, Any]
    row: Mapping[str, Any]

    @property
    def value(self) -> Any:
        return self.row[self.column]


def find_cell(connection: "duckdb.DuckDBPyConnection", publication: Publication, table: str, column: str, given: Mapping[str, str]) -> Cell:
    """The cell, if what is given names one row; what isn't given takes the company's defaults where several rows are left.

    Raises ConfigurationError for a table, column or key that isn't there, and for a key that names no row or several.
    """
    published = _table(publication, table)
    columns = [name for name, *_ in connection.execute(f'describe {SHOWN}.main."{table}"').fetchall()]
    _choose(column, columns, f"`{table}` has no column `{column}`", publication.id)
    for name in given:
        _choose(name, published.key, f"`{name}` is no key of `{table}`", publication.id)
    rows = _rows(connection, table, given)
    if not rows:
        what, do = _missed(connection, published, given)
        raise ConfigurationError(what, where=table, do=do)
    asked = dict(given)
    for name, default in _DEFAULTS.items():
        if len(rows) > 1 and name in published.key and name not in given:
            asked[name] = default
            rows = _rows(connection, table, asked) or rows
    if len(rows) > 1:
        raise ConfigurationError(f"{len(rows):,} rows are left", where=table, do=f"say also {_open(rows, published.key, asked)}")
    return Cell(table, column, {name: rows[0][name] for name in published.key}, rows[0])


_OWN_WAYS = {
    "restatement": "each of its rows is an explanation: why a figure is not what the publication before said, by cause; "
    "read it, or ask `repledger restatement FROM TO`, and explain the cell that table_name, row_key and column_name name",
}
"""Tables that say themselves where their figures come from."""


def _table(publication: Publication, name: str) -> PublishedTable:
    if name in _OWN_WAYS:
        raise ConfigurationError(f"there is no way back from `{name}`", where=publication.id, do=_OWN_WAYS[name])
    tables = {table.name: table for table in publication.tables}
    _choose(name, sorted(tables), f"`{name}` is not published", publication.id)
    return tables[name]


def _choose(name: str, names: Sequence[str], what: str, where: str) -> None:
    if name not in names:
        raise ConfigurationError(what, where=where, do=f"choose from {', '.join(names)}")


def _rows(connection: "duckdb.DuckDBPyConnection", table: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    conditions = [f'"{name}" is null' if value in _NULLS else f'cast("{name}" as varchar) = ?' for name, value in given.items()]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    found = connection.execute(f'from {SHOWN}.main."{table}"{where}', [value for value in given.values() if value not in _NULLS])
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _missed(connection: "duckdb.DuckDBPyConnection", published: PublishedTable, given: Mapping[str, str]) -> tuple[str, str]:
    """The first key that no row has with those before it, and what it may be instead."""
    table = published.name
    before: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for name, value in given.items():
        found = _rows(connection, table, before | {name: value})
        if not found:
            break
        before, rows = before | {name: value}, found
    told = ", ".join(f"{one}={before[one]}" for one in before)
    what = f"no row has {name}={value}" + (f" with {told}" if told else "")
    shown = _shown_id(connection, table, name, value)
    if shown:
        return what, f"ask for {name}={shown}, under which figures show it"
    choices = _values(rows, name) if rows else ""
    return what, f"choose from {choices}" if choices else f"look it up in the published table `{table}`, whose key is {', '.join(published.key)}"


def _shown_id(connection: "duckdb.DuckDBPyConnection", table: str, name: str, value: str) -> str:
    """The id under which the table shows what is known under another one, or was written in other letters; empty if it shows neither."""
    if not name.endswith("_id") and name != "employee_number":
        return ""
    names = [value]
    if connection.execute("select 1 from duckdb_tables() where database_name = ? and table_name = 'id_alias'", [SHOWN]).fetchall():
        names += [shown for (shown,) in connection.execute(f"select shown_id from {SHOWN}.main.id_alias where lower(alias_id) = lower(?)", [value]).fetchall()]
    for one in names:
        sql = f'select distinct cast("{name}" as varchar) from {SHOWN}.main."{table}" where lower(cast("{name}" as varchar)) = lower(?) order by 1'
        found = connection.execute(sql, [one]).fetchone()
        if found and found[0] != value:
            return str(found[0])
    return ""


def _open(rows: Sequence[Mapping[str, Any]], key: Sequence[str], asked: Mapping[str, str]) -> str:
    """The keys in which the rows that are left differ, with what they may be."""
    return ", ".join(f"{name}= ({_values(rows, name)})" for name in key if name not in asked and len({row[name] for row in rows}) > 1)


def _values(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    values = sorted({"null" if row[name] is None else str(row[name]) for row in rows})
    return ", ".join(values[:_SHOWN_VALUES]) + (", …" if len(values) > _SHOWN_VALUES else "")
