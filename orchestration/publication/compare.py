"""What differs between two publications: which rows of which tables, and in which columns.

Belongs here: finding a publication by what a person calls it, comparing its Parquet files row by row. Doesn't: why they differ.
Only keys and names of columns are told, never a cell: some are pay.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import ConfigurationError
from orchestration.publication import manifest
from orchestration.publication.manifest import Publication, PublishedTable
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
    folders = _folder(home, left), _folder(home, right)
    (first, _), (second, _) = (_read(folder) for folder in folders)
    return list(_differences(folders, first, second, None if all_rows else _SHOWN_ROWS))


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


def _differences(folders: tuple[Path, Path], left: Publication, right: Publication, most: int | None) -> Iterator[TableDifference]:
    lefts, rights = _tables(left), _tables(right)
    for name in sorted(lefts.keys() | rights.keys()):
        if name not in lefts or name not in rights:
            table, where = (lefts.get(name) or rights[name]), "A" if name in lefts else "B"
            only = (table.rows, 0) if name in lefts else (0, table.rows)
            yield TableDifference(name, *only, 0, (), f"the table is only in {where}")
        elif lefts[name].sha256 != rights[name].sha256:
            yield _compare_table(lefts[name], lefts[name].parquet(folders[0]), rights[name].parquet(folders[1]), most)


def _tables(publication: Publication) -> dict[str, PublishedTable]:
    """Views say what their tables say."""
    return {table.name: table for table in publication.tables if table.kind == "table"}


def _compare_table(table: PublishedTable, left: Path, right: Path, most: int | None) -> TableDifference:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        shapes = [[row[0] for row in connection.execute(f"describe from read_parquet({_text(path)})").fetchall()] for path in (left, right)]
        shared = [name for name in shapes[0] if name in shapes[1]]
        lost = [name for name in table.key if name not in shared]
        odd = sorted(set(shapes[0]) ^ set(shapes[1]))
        shape = f"columns that only one side has: {', '.join(odd)}" if odd else ""
        if lost:
            return TableDifference(table.name, table.rows, 0, 0, (), shape)
        sql = _sql(table.key, [name for name in shared if name not in table.key], left, right)
        counts = dict(connection.execute(f"select how, count(*) from ({sql}) group by how").fetchall())
        order = ", ".join(f"{_name(name)} nulls first" for name in table.key)
        found = connection.execute(f"{sql} order by {order} limit {'all' if most is None else most}").fetchall()
    rows = tuple(_row(table.key, shared, one) for one in found)
    return TableDifference(table.name, counts.get(_ONLY_LEFT, 0), counts.get(_ONLY_RIGHT, 0), counts.get(_CHANGED, 0), rows, shape)


def _sql(key: Sequence[str], columns: Sequence[str], left: Path, right: Path) -> str:
    """Rows that differ: the key, how, and for each column whether it does."""
    keys = ", ".join(f"coalesce(a.{_name(name)}, b.{_name(name)}) as {_name(name)}" for name in key)
    same_key = " and ".join(f"a.{_name(name)} is not distinct from b.{_name(name)}" for name in key)
    differs = [f"a.{_name(name)} is distinct from b.{_name(name)}" for name in columns]
    flags = ", ".join(f"{how} as {_name('differs ' + name)}" for how, name in zip(differs, columns, strict=True))
    how = f"case when b._there is null then '{_ONLY_LEFT}' when a._there is null then '{_ONLY_RIGHT}' else '{_CHANGED}' end as how"
    return f"""
        select {keys}, {how}{", " + flags if flags else ""}
        from (select *, true as _there from read_parquet({_text(left)})) as a
        full join (select *, true as _there from read_parquet({_text(right)})) as b on {same_key}
        where a._there is null or b._there is null{"".join(f" or {one}" for one in differs)}
    """


def _row(key: Sequence[str], shared: Sequence[str], found: tuple[object, ...]) -> RowDifference:
    values, how, flags = found[: len(key)], str(found[len(key)]), found[len(key) + 1 :]
    named = ", ".join(f"{name}={value}" for name, value in zip(key, values, strict=True) if value is not None)
    columns = [name for name in shared if name not in key]
    return RowDifference(named, how, tuple(name for name, differs in zip(columns, flags, strict=True) if differs) if how == _CHANGED else ())


def _folder(home: Home, name: str) -> Path:
    if name == "current":
        return (home.published / "current").resolve()
    known = home.as_known(dt.date.fromisoformat(name)).published / "current" if _is_date(name) else None
    folder = known.resolve() if known and known.exists() else home.published / "publications" / name
    if not (folder / manifest.MANIFEST).is_file():
        do = f"say `repledger nightly --as-known-on {name}` first" if _is_date(name) else f"choose from {', '.join(_names(home)) or 'none yet'}"
        raise ConfigurationError(f"there is no publication `{name}`", where=str(home.published), do=do)
    return folder


def _names(home: Home) -> list[str]:
    publications = home.published / "publications"
    kept = sorted(path.name for path in publications.iterdir() if (path / manifest.MANIFEST).is_file()) if publications.is_dir() else []
    asides = home.published / "as_known_on"
    looks_back = sorted(path.name for path in asides.iterdir() if _is_date(path.name) and (path / "current").exists()) if asides.is_dir() else []
    return [*(["current"] if kept else []), *kept, *looks_back]


def _read(folder: Path) -> tuple[Publication, str]:
    read = manifest.read(folder)
    if read is None:
        raise ConfigurationError("its manifest can't be read", where=str(folder), do="choose another publication")
    return read


def _is_date(name: str) -> bool:
    try:
        dt.date.fromisoformat(name)
    except ValueError:
        return False
    return len(name) == len("2021-03-31")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
