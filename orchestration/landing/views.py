"""Raw as the warehouse sees it: schema `raw`, a view for every entity of every connector that is on, and the ledger as a table.

Belongs here: SQL over the Parquet files that count, named one by one. Doesn't: types, which are staging's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from orchestration.landing.declarations import Entity, connector_entities, declared_entities
from orchestration.landing.ledger import Delivery, damaged, declared_deliveries
from orchestration.landing.readers import glob_literal, literal, quoted
from orchestration.settings import Company, Home

_TECHNICAL = {"_source": "varchar", "_extract_date": "date", "_file": "varchar", "_line": "bigint", "_mode": "varchar"}
_DELIVERY = {
    "source": "varchar",
    "connector": "varchar",
    "entity": "varchar",
    "mode": "varchar",
    "extract_date": "date",
    "file": "varchar",
    "sha256": "varchar",
    "size_bytes": "bigint",
    "lines": "bigint",
    "loaded": "bigint",
    "rejected": "bigint",
    "state": "varchar",
    "is_new": "boolean",
}


def create_raw_schema(connection: duckdb.DuckDBPyConnection, home: Home, company: Company, new_files: Collection[str] = ()) -> None:
    """Make schema `raw` anew: `raw.<connector>__<entity>` and `raw.delivery`. Only what company.toml declares now is in them.

    new_files: those that the warehouse, which is told on, does not hold yet; none when it is made anew.

    Raises RepledgerError for rows whose columns can't be read any more. What lies behind the columns is not looked at.
    """
    deliveries = declared_deliveries(home, company)
    counting: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for one in deliveries:
        if one.state == "loaded":
            counting[one.connector, one.entity].append(one)
    taken = {(one.source, one.entity.name): frozenset(column.name for column in one.columns) for one in declared_entities(company)}
    connection.execute("drop schema if exists raw cascade")
    connection.execute("create schema raw")
    for connector in company.connectors:
        for entity in connector_entities(connector).values():
            rows = _rows(home, entity, counting[connector, entity.name], taken)
            try:
                connection.execute(f"create view raw.{quoted(f'{connector}__{entity.name}')} as {rows}")
            except duckdb.Error:
                raise_for_damage(home, company)
                raise
    _create_delivery(connection, deliveries, new_files)


def raise_for_damage(home: Home, company: Company) -> None:
    """Read all rows that count, and raise RepledgerError naming the first file that can't be read. For when reading failed: it takes its time."""
    with duckdb.connect() as connection:
        for one in declared_deliveries(home, company):
            path = one.parquet(home)
            try:
                if one.state == "loaded":
                    connection.execute(f"select bit_xor(hash(columns(*))) from read_parquet({literal(glob_literal(path))})").fetchall()
            except duckdb.Error as error:
                raise damaged(home, path) from error


def _rows(home: Home, entity: Entity, deliveries: Iterable[Delivery], taken: Mapping[tuple[str, str], frozenset[str]]) -> str:
    """SQL of the rows that count. Files are read together where source, mode and columns are the same."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Path]] = defaultdict(list)
    for one in deliveries:
        groups[one.source, one.mode, one.columns].append(one.parquet(home))
    parts = []
    for (source, mode, columns), paths in groups.items():
        there = frozenset(columns) & taken[source, entity.name]
        cells = [quoted(column.name) if column.name in there else f"cast(null as varchar) as {quoted(column.name)}" for column in entity.columns]
        technical = [f"{literal(source)} as _source", "extract_date as _extract_date", "_file", "_line", f"{literal(mode)} as _mode"]
        files = ", ".join(literal(glob_literal(path)) for path in paths)
        read = f"read_parquet([{files}], hive_partitioning = true, hive_types = {{'extract_date': date}})"
        parts.append(f"select {', '.join([*cells, *technical])} from {read}")
    return " union all ".join(parts) or _no_rows(entity)


def _no_rows(entity: Entity) -> str:
    types = {column.name: "varchar" for column in entity.columns} | _TECHNICAL
    return f"select {', '.join(f'cast(null as {kind}) as {quoted(name)}' for name, kind in types.items())} where false"


def _create_delivery(connection: duckdb.DuckDBPyConnection, deliveries: list[Delivery], new_files: Collection[str]) -> None:
    connection.execute(f"create table raw.delivery ({', '.join(f'{name} {kind}' for name, kind in _DELIVERY.items())})")
    # A list a column: one statement, however many deliveries there are.
    values = [[getattr(one, name) for one in deliveries] for name in _DELIVERY if name != "is_new"]
    values.append([one.file in new_files for one in deliveries])
    unnested = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in _DELIVERY.values())
    connection.execute(f"insert into raw.delivery select {unnested}", values)
