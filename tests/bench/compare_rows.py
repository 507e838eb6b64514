"""Whether two ways of making a table came to the same rows, cell by cell, so that nobody is fast by being wrong.

Belongs here: comparing Parquet files with a published DuckDB file. Doesn't: making either.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

LENS = "as_sold"
KNOWN = {
    "lens": f"lens = '{LENS}'",
    "group_type": "group_type <> 'territory_tree'",
    "segment_type": "segment_type in ('region', 'industry', 'acquisition_method')",
}
"""Which rows the other ways make, by a column of the key."""


@dataclass(frozen=True)
class Comparison:
    """One table, made by Repledger and by another way. only_published, only_other: rows that the other side lacks.

    not_compared: published columns that the other way does not make.
    """

    way: str
    table: str
    rows: int
    other_rows: int
    only_published: int
    only_other: int
    not_compared: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return self.rows == self.other_rows and not self.only_published and not self.only_other

    @property
    def line(self) -> str:
        if self.is_same:
            return f"{self.way}: {self.table}: {self.rows:,} rows, all the same"
        missing = f"{self.only_published:,} rows are only Repledger's, {self.only_other:,} only the other's"
        return f"{self.way}: {self.table}: DIFFERENT, {self.rows:,} and {self.other_rows:,} rows: {missing}"


def compare_rows(way: str, published: Path, other: Path) -> list[Comparison]:
    """Every table in the folder `other` with that in the file `published`, both ways.

    Of lenses only as sold, no trees of territories and no pairs of segments: the other ways know none.

    Raises ValueError for a column that was not published.
    """
    with duckdb.connect(config={"temp_directory": str(other / "spill")}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{published}' as published (read_only)")
        return [_compare(connection, way, path) for path in sorted(other.glob("*.parquet"))]


def _compare(connection: duckdb.DuckDBPyConnection, way: str, path: Path) -> Comparison:
    table = f"published.main.{path.stem}"
    theirs, ours = _columns(connection, f"'{path}'"), _columns(connection, table)
    unknown = [name for name in theirs if name not in ours]
    if unknown:
        raise ValueError(f"{way}: {path.stem} has columns that are not published: {', '.join(unknown)}")
    cells = ", ".join(f'"{name}"' for name in theirs)
    known = {name: told for name, told in KNOWN.items() if name in theirs}
    where = f" where {' and '.join(known.values())}" if known else ""
    shown, made = f"(select {cells} from {table}{where})", f"(select {cells} from '{path}')"
    # A published key stands once, so with as many rows and none that the other lacks, both hold the same.
    counts = connection.execute(f"""
        select (select count(*) from {shown}), (select count(*) from {made}),
            (select count(*) from (from {shown} except from {made})), (select count(*) from (from {made} except from {shown}))
    """).fetchone()
    assert counts is not None
    return Comparison(way, path.stem, *counts, tuple(name for name in ours if name not in theirs))


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
