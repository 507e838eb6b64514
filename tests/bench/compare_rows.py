"""Whether two ways of making a table came to the same rows, cell by cell, so that nobody is fast by being wrong.

Belongs here: comparing a folder of Parquet files with a publication. Doesn't: making either.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

_LENS = "as_sold"


@dataclass(frozen=True)
class Comparison:
    """One table. only_published, only_other: rows that the other side lacks. not_compared: published columns that only Repledger has."""

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
            return f"{self.table}: {self.rows:,} rows the same"
        missing = f"{self.only_published:,} rows only in Repledger's, {self.only_other:,} only in the other's"
        return f"{self.table}: DIFFERENT: {self.rows:,} and {self.other_rows:,} rows; {missing}"


def compare_rows(published: Path, other: Path) -> list[Comparison]:
    """Every table of `other` with the published one, both ways. Of lenses, only as sold: the other ways know no other.

    Raises ValueError for a column that was not published.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return [_compare(connection, published / path.name, path) for path in sorted(other.glob("*.parquet"))]


def _compare(connection: duckdb.DuckDBPyConnection, published: Path, other: Path) -> Comparison:
    theirs, ours = _columns(connection, other), _columns(connection, published)
    unknown = [name for name in theirs if name not in ours]
    if unknown:
        raise ValueError(f"{other}: not published: {', '.join(unknown)}")
    cells = ", ".join(f'"{name}"' for name in theirs)
    as_sold = f" where lens = '{_LENS}'" if "lens" in theirs else ""
    shown = f"(select {cells} from '{published}'{as_sold})"
    made = f"(select {cells} from '{other}')"
    # All: a row that is there twice is not the same as one that is there once.
    counts = connection.execute(f"""
        select (select count(*) from {shown}), (select count(*) from {made}),
            (select count(*) from (from {shown} except all from {made})), (select count(*) from (from {made} except all from {shown}))
    """).fetchone()
    assert counts is not None
    return Comparison(published.stem, *counts, tuple(name for name in ours if name not in theirs))


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    return [row[0] for row in connection.execute(f"describe from '{path}'").fetchall()]
