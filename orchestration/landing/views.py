"""Raw as the warehouse sees it: schema `raw`, a view for every entity of every connector that is on, and the ledger as a table.

A row of compacted snapshots is told once for each run of extracts that showed it, from `_extract_date` to `_shown_until_on`.
Belongs here: SQL over the Parquet files that count, named one by one. Doesn't: types, which are staging's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from orchestration.landing.chains import SHORT, Telling, entity_folder, lines_at, read_chain
from orchestration.landing.declarations import Entity, connector_entities, declared_entities
from orchestration.landing.ledger import Delivery, damaged, declared_deliveries
from orchestration.landing.readers import glob_literal, literal, quoted
from orchestration.settings import Company, Home

_TECHNICAL = {"_source": "varchar", "_extract_date": "date", "_shown_until_on": "date", "_file": "varchar", "_line": "bigint", "_mode": "varchar"}
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
    "is_compacted": "boolean",
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
    connection.execute(_CHAINS)
    compacted: set[str] = set()
    for connector in company.connectors:
        for entity in connector_entities(connector).values():
            own, parts = _split(home, connection, entity, counting[connector, entity.name], taken)
            compacted |= {one.file for one in counting[connector, entity.name]} - {one.file for one in own}
            rows = " union all ".join([*_own_rows(home, entity, own, taken), *parts]) or _no_rows(entity)
            try:
                connection.execute(f"create view raw.{quoted(f'{connector}__{entity.name}')} as {rows}")
            except duckdb.Error:
                raise_for_damage(home, company)
                raise
    _create_delivery(connection, deliveries, new_files, compacted)


def raise_for_damage(home: Home, company: Company) -> None:
    """Read all rows that count, and raise RepledgerError naming the first file that can't be read. For when reading failed: it takes its time."""
    with duckdb.connect() as connection:
        for one in declared_deliveries(home, company):
            path = one.parquet(home)
            if not path.is_file() and (chain := read_chain(entity_folder(home, one.source, one.entity))):
                path = chain.rows
            try:
                if one.state == "loaded":
                    connection.execute(f"select bit_xor(hash(columns(*))) from read_parquet({literal(glob_literal(path))})").fetchall()
            except duckdb.Error as error:
                raise damaged(home, path) from error


# What the views of chains look up: `day`, for each extract of a chain the next and the last one that counts, and its file; `piece`, its
# runs of counting extracts with no other delivery between them; `line`, where a row stands in an extract that tells it anew.
_CHAINS = """
    create table raw.chain_day (chain varchar, extract_date date, next_on date, last_on date, file varchar);
    create table raw.chain_piece (chain varchar, first_on date, last_on date);
    create table raw.chain_line (chain varchar, row_number bigint, extract_date date, line bigint);
"""
_Taken = Mapping[tuple[str, str], frozenset[str]]


def _split(
    home: Home, connection: duckdb.DuckDBPyConnection, entity: Entity, deliveries: Sequence[Delivery], taken: _Taken
) -> tuple[list[Delivery], list[str]]:
    """The deliveries with files of their own, and SQL of the rows of the others, which stand in chains."""
    by_source: dict[str, list[Delivery]] = defaultdict(list)
    for one in deliveries:
        by_source[one.source].append(one)
    own: list[Delivery] = []
    parts: list[str] = []
    for source, delivered in by_source.items():
        chain = read_chain(entity_folder(home, source, entity.name))
        held = {(one.extract_date, one.name) for one in chain.members} if chain else set()
        chained = [one for one in delivered if (one.extract_date, one.sha256[:SHORT]) in held and not one.parquet(home).is_file()]
        files = {one.extract_date: one.file for one in chained}
        beside = [one for one in delivered if files.get(one.extract_date) != one.file]
        own += beside
        if chain and chained:
            telling = Telling(chain, files, {one.extract_date for one in beside})
            parts.append(_chained_rows(connection, entity, source, chained[0].mode, telling, taken[source, entity.name]))
    return own, parts


def _own_rows(home: Home, entity: Entity, deliveries: Iterable[Delivery], taken: _Taken) -> list[str]:
    """SQL of the rows that lie in files of their own. Files are read together where source, mode and columns are the same."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Path]] = defaultdict(list)
    for one in deliveries:
        groups[one.source, one.mode, one.columns].append(one.parquet(home))
    parts = []
    for (source, mode, columns), paths in groups.items():
        cells = _cells(entity, frozenset(columns) & taken[source, entity.name])
        dates = ["extract_date as _extract_date", "extract_date as _shown_until_on"]
        technical = [f"{literal(source)} as _source", *dates, "_file", "_line", f"{literal(mode)} as _mode"]
        files = ", ".join(literal(glob_literal(path)) for path in paths)
        read = f"read_parquet([{files}], hive_partitioning = true, hive_types = {{'extract_date': date}})"
        parts.append(f"select {', '.join([*cells, *technical])} from {read}")
    return parts


def _chained_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, source: str, mode: str, telling: Telling, taken: frozenset[str]) -> str:
    """SQL of the rows of a chain; fills the tables that it looks up."""
    chain, name = telling.chain, f"{source}.{entity.name}"
    days, pieces = zip(*telling.days(), strict=True), zip(*((piece.first_on, piece.last_on) for piece in telling.pieces), strict=True)
    unnested = "unnest($2::date[]), unnest($3::date[]), unnest($4::date[]), unnest($5::varchar[])"
    connection.execute(f"insert into raw.chain_day select $1, {unnested}", [name, *map(list, days)])
    connection.execute("insert into raw.chain_piece select $1, unnest($2::date[]), unnest($3::date[])", [name, *map(list, pieces)])
    for date, numbers, lines in lines_at(connection, chain, telling.begun_later()):
        connection.execute("insert into raw.chain_line select $1, unnest($2::bigint[]), $3, unnest($4::bigint[])", [name, numbers, date, lines])
    read = f"read_parquet({literal(glob_literal(chain.rows))}, hive_partitioning = false)"
    return f"""
        select {", ".join(_cells(entity, frozenset(chain.columns) & taken))}, {literal(source)} as _source, told.extract_date as _extract_date,
            least(ends.last_on, piece.last_on) as _shown_until_on, told.file as _file, coalesce(moved.line, kept._line) as _line, {literal(mode)} as _mode
        from {read} as kept
        inner join raw.chain_day as starts on starts.chain = {literal(name)} and kept._first_on = starts.extract_date
        inner join raw.chain_day as ends on ends.chain = {literal(name)} and kept._until_on = ends.extract_date
        inner join raw.chain_piece as piece on
            piece.chain = {literal(name)} and starts.next_on <= piece.last_on and ends.last_on >= piece.first_on and starts.next_on <= ends.last_on
        inner join raw.chain_day as told on told.chain = {literal(name)} and greatest(starts.next_on, piece.first_on) = told.extract_date
        left join raw.chain_line as moved on
            moved.chain = {literal(name)} and kept._row = moved.row_number and told.extract_date = moved.extract_date
            and kept._first_on < told.extract_date
    """


def _cells(entity: Entity, there: frozenset[str]) -> list[str]:
    return [quoted(column.name) if column.name in there else f"cast(null as varchar) as {quoted(column.name)}" for column in entity.columns]


def _no_rows(entity: Entity) -> str:
    types = {column.name: "varchar" for column in entity.columns} | _TECHNICAL
    return f"select {', '.join(f'cast(null as {kind}) as {quoted(name)}' for name, kind in types.items())} where false"


def _create_delivery(connection: duckdb.DuckDBPyConnection, deliveries: list[Delivery], new_files: Collection[str], compacted: set[str]) -> None:
    connection.execute(f"create table raw.delivery ({', '.join(f'{name} {kind}' for name, kind in _DELIVERY.items())})")
    # A list a column: one statement, however many deliveries there are.
    values = [[getattr(one, name) for one in deliveries] for name in _DELIVERY if name not in ("is_new", "is_compacted")]
    values.append([one.file in new_files for one in deliveries])
    values.append([one.state == "loaded" and one.file in compacted for one in deliveries])
    unnested = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in _DELIVERY.values())
    connection.execute(f"insert into raw.delivery select {unnested}", values)
