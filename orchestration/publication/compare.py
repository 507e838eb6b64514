"""What differs between two publications: which rows of which tables, and in which columns.

Belongs here: finding a publication by what a person calls it, comparing its Parquet files row by row. Doesn't: why they differ.
Only keys and names of columns are told, never a cell: some are pay.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ConfigurationError
from orchestration.landing.readers import glob_literal, literal, quoted
from orchestration.memory import memory_limit
from orchestration.publication import manifest
from orchestration.publication.manifest import Publication, PublishedTable
from orchestration.publication.retention import day_of
from orchestration.settings import Home

_SHOWN_ROWS = 20
_ONLY_LEFT, _ONLY_RIGHT, _CHANGED = "only in A", "only in B", "changed"


@dataclass(frozen=True)
class RowDifference:
    """A row that is not the same. key: `column=value` pairs; columns: those that differ, none for a row that one side lacks."""

    key: str
    how: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TableDifference:
    """A table that is not the same. rows: the first ones by key, or all; shape: columns or a whole table that one side lacks."""

    table: str
    only_left: int
    only_right: int
    changed: int
    rows: tuple[RowDifference, ...]
    shape: str = ""


def compare(home: Home, left: str, right: str, *, all_rows: bool = False) -> list[TableDifference]:
    """The published tables that differ, by name. left, right: an id, `current`, or the date of an as-known-on.

    Raises ConfigurationError for one that is not there.
    """
    (left_folder, first), (right_folder, second) = find(home, left), find(home, right)
    home.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What DuckDB spills may be pay: it stays in the home. A folder a comparison, since several may go on at once.
    with tempfile.TemporaryDirectory(prefix="compare_", dir=home.work) as scratch:
        return list(_Comparison((left_folder, right_folder), Path(scratch), None if all_rows else _SHOWN_ROWS).differences(first, second))


def as_text(differences: Sequence[TableDifference]) -> str:
    """The same for a person."""
    if not differences:
        return "no published row differs"
    lines = []
    for one in differences:
        counts = ((one.only_left, _ONLY_LEFT), (one.only_right, _ONLY_RIGHT), (one.changed, _CHANGED))
        lines.append(f"{one.table}: " + (", ".join(f"{number:,} {how}" for number, how in counts if number) or "other columns or another order"))
        lines += [f"  {one.shape}"] if one.shape else []
        lines += [f"  {row.how}: {row.key}" + (f" ({', '.join(row.columns)})" if row.columns else "") for row in one.rows]
        left_out = one.only_left + one.only_right + one.changed - len(one.rows)
        lines += [f"  and {left_out:,} more"] if one.rows and left_out else []
    return "\n".join(lines)


class _Comparison:
    """Of two folders of publications. scratch: where DuckDB spills to; most: rows of a table that are told, None for all."""

    def __init__(self, folders: tuple[Path, Path], scratch: Path, most: int | None) -> None:
        self._folders, self._scratch, self._most = folders, scratch, most

    def differences(self, left: Publication, right: Publication) -> Iterator[TableDifference]:
        """The tables that differ, by name."""
        lefts, rights = _tables(left), _tables(right)
        for name in sorted(lefts.keys() | rights.keys()):
            if name not in lefts or name not in rights:
                table, where = (lefts.get(name) or rights[name]), "A" if name in lefts else "B"
                only = (table.rows, 0) if name in lefts else (0, table.rows)
                yield TableDifference(name, *only, 0, (), f"the table is only in {where}")
            elif lefts[name].sha256 != rights[name].sha256:
                yield self._compare_table(lefts[name], rights[name])

    def _compare_table(self, left: PublishedTable, right: PublishedTable) -> TableDifference:
        import duckdb

        name, key = left.name, left.key
        reads = [_read_sql(*sides) for sides in ((left, right, self._folders[0]), (right, left, self._folders[1]))]
        with duckdb.connect(config={"temp_directory": str(self._scratch), "memory_limit": memory_limit(), "preserve_insertion_order": False}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            shapes = [[row[0] for row in connection.execute(f"describe from {read}").fetchall()] for read in reads]
            shared = [column for column in shapes[0] if column in shapes[1]]
            odd = sorted(set(shapes[0]) ^ set(shapes[1]))
            shape = f"columns that only one side has: {', '.join(odd)}" if odd else ""
            if any(column not in shared for column in key):
                return TableDifference(name, left.rows, 0, 0, (), shape)
            connection.execute(f"create temp table differing as {_sql(key, [column for column in shared if column not in key], *reads)}")
            counts = dict(connection.execute("select how, count(*) from differing group by how").fetchall())
            order = ", ".join(f"{quoted(column)} nulls first" for column in key)
            found = connection.execute(f"from differing order by {order} limit {'all' if self._most is None else self._most}").fetchall()
        rows = tuple(_row(key, shared, one) for one in found)
        return TableDifference(name, counts.get(_ONLY_LEFT, 0), counts.get(_ONLY_RIGHT, 0), counts.get(_CHANGED, 0), rows, shape)


def _tables(publication: Publication) -> dict[str, PublishedTable]:
    """Views say what their tables say."""
    return {table.name: table for table in publication.tables if table.kind == "table"}


def _read_sql(table: PublishedTable, other: PublishedTable, folder: Path) -> str:
    """SQL of its rows that the other side may tell otherwise: a month whose file has the same bytes there has the same rows, and the same keys."""
    odd = table.odd_paths(other, folder)
    files = ", ".join(literal(glob_literal(path)) for path in odd or table.paths(folder)[:1])
    return f"(select * from read_parquet([{files}], hive_partitioning = false){'' if odd else ' limit 0'})"


def _sql(key: Sequence[str], columns: Sequence[str], left: str, right: str) -> str:
    """Rows that differ: the key, how, and for each column whether it does."""
    keys = ", ".join(f"coalesce(a.{quoted(name)}, b.{quoted(name)}) as {quoted(name)}" for name in key)
    same_key = " and ".join(f"a.{quoted(name)} is not distinct from b.{quoted(name)}" for name in key)
    differs = [f"a.{quoted(name)} is distinct from b.{quoted(name)}" for name in columns]
    flags = ", ".join(f"{how} as {quoted('differs ' + name)}" for how, name in zip(differs, columns, strict=True))
    how = f"case when b._there is null then '{_ONLY_LEFT}' when a._there is null then '{_ONLY_RIGHT}' else '{_CHANGED}' end as how"
    return f"""
        select {keys}, {how}{", " + flags if flags else ""}
        from (select *, true as _there from {left}) as a
        full join (select *, true as _there from {right}) as b on {same_key}
        where a._there is null or b._there is null{"".join(f" or {one}" for one in differs)}
    """


def _row(key: Sequence[str], shared: Sequence[str], found: tuple[object, ...]) -> RowDifference:
    values, how, flags = found[: len(key)], str(found[len(key)]), found[len(key) + 1 :]
    named = ", ".join(f"{name}={value}" for name, value in zip(key, values, strict=True) if value is not None)
    columns = [name for name in shared if name not in key]
    return RowDifference(named, how, tuple(name for name, differs in zip(columns, flags, strict=True) if differs) if how == _CHANGED else ())


def find(home: Home, name: str) -> tuple[Path, Publication]:
    """The folder of a publication, and what it says of itself. name: an id, `current`, or the date of an as-known-on."""
    folder = _folder(home, name)
    return folder, _read(folder)[0]


def _folder(home: Home, name: str) -> Path:
    if name == "current":
        return (home.published / "current").resolve()
    day = day_of(name)
    known = home.as_known(day).published / "current" if day else None
    folder = known.resolve() if known and known.exists() else home.published / "publications" / name
    if not (folder / manifest.MANIFEST).is_file():
        do = f"say `repledger nightly --as-known-on {name}` first" if day else f"choose from {', '.join(_names(home)) or 'none yet'}"
        raise ConfigurationError(f"there is no publication `{name}`", where=str(home.published), do=do)
    return folder


def _names(home: Home) -> list[str]:
    publications = home.published / "publications"
    kept = sorted(path.name for path in publications.iterdir() if (path / manifest.MANIFEST).is_file()) if publications.is_dir() else []
    asides = home.published / "as_known_on"
    looks_back = sorted(path.name for path in asides.iterdir() if day_of(path.name) and (path / "current").exists()) if asides.is_dir() else []
    return [*(["current"] if kept else []), *kept, *looks_back]


def _read(folder: Path) -> tuple[Publication, str]:
    read = manifest.read(folder)
    if read is None:
        raise ConfigurationError("its manifest can't be read", where=str(folder), do="choose another publication")
    return read
