"""The forms in which a publication is written: one DuckDB file with its words in it, and Parquet, one file a table or month.

Belongs here: copying from the warehouse, ordered and described. Doesn't: where the files go and when readers see them.
"""

import datetime as dt
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import BuildError
from orchestration.files import file_sha256
from orchestration.landing.readers import literal, quoted
from orchestration.memory import memory_limit
from orchestration.publication.manifest import DATABASE, PublishedTable, sha256_of_files
from orchestration.warehouse.models import PUBLISHED_SCHEMA, MadeAnew, Model
from orchestration.warehouse.told import month_sql

# Of a DuckDB file's blocks, those that hold nothing. Scattered changes leave a third to a half of them so; writing all costs as the first night's.
MOST_HOLES = 1 / 3


@dataclass(frozen=True)
class Base:
    """The publication that a night only added to. folder: where it lies; months: by table, those that were made anew."""

    folder: Path
    tables: Mapping[str, PublishedTable]
    months: Mapping[str, Sequence[dt.date]]


def write_duckdb(warehouse: Path, target: Path, models: Sequence[Model], base: Base | None = None) -> None:
    """Copy the published tables into a file of their own; views stay views; every column has its words.

    Tables are ordered by month, where they are made by months, and key. base: its file is copied whole, unless too much of it is holes,
    and of a table that is made by months only those that were made anew are written; all others are.
    """
    if base is not None and _is_holed(base.folder / DATABASE):
        base = None
    if base is not None:
        shutil.copyfile(base.folder / DATABASE, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        connection.execute(f"attach {literal(str(warehouse))} as {quoted(warehouse.stem)} (read_only)")
        views = dict(
            connection.execute("select view_name, sql from duckdb_views() where database_name = ? and schema_name = 'main'", [warehouse.stem]).fetchall()
        )
        for model in models:
            built = f"{quoted(warehouse.stem)}.{PUBLISHED_SCHEMA}.{quoted(model.name)}"
            _check_described(connection, model, built)
            if model.is_view:
                connection.execute(_within_one_file(views[model.name], warehouse.stem))
            elif base is not None and model.name in base.months and model.made_anew:
                _copy_months(connection, model, model.made_anew, built, base.months[model.name])
            else:
                connection.execute(f"create or replace table {quoted(model.name)} as select * from {built} order by {_order(model)}")
            _describe(connection, model)
        connection.execute(f"detach {quoted(warehouse.stem)}")


def write_parquet(published: Path, folder: Path, models: Sequence[Model], base: Base | None = None) -> tuple[PublishedTable, ...]:
    """One file a table, or a folder with one a month, ordered by its key: the same rows give the same bytes.

    base: files of months that were not made anew are those of that publication, linked. Every other table is written, and linked if it came
    out the same.
    """
    folder.mkdir(exist_ok=True)
    tables = []
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        for model in sorted(models, key=lambda model: model.name):
            relation = quoted(model.name)
            counted = connection.execute(f"select count(*) from {relation}").fetchone()
            columns = len(connection.execute(f"describe {relation}").fetchall())
            kind = "view" if model.is_view else "table"
            files = _write_months(connection, folder / model.name, model, model.made_anew, base) if model.made_anew else {}
            sha256 = sha256_of_files(files) if files else _write_table(connection, folder / f"{model.name}.parquet", model, base)
            tables.append(PublishedTable(model.name, kind, model.key, counted[0] if counted else 0, columns, sha256, files))
    return tuple(tables)


def _write_table(connection: duckdb.DuckDBPyConnection, path: Path, model: Model, base: Base | None) -> str:
    sha256 = _write_file(connection, path, f"select * from {quoted(model.name)}", model)
    if base is not None and model.name in base.tables and base.tables[model.name].sha256 == sha256:
        path.unlink()
        os.link(base.folder / "parquet" / path.name, path)
    return sha256


def _is_holed(database: Path) -> bool:
    """DuckDB gives no block back: what is deleted and written again leaves holes, and a copy of a file takes them along."""
    with duckdb.connect(str(database), read_only=True) as connection:
        blocks = connection.execute("select free_blocks, total_blocks from pragma_database_size() where database_name = current_database()").fetchone()
    return blocks is not None and blocks[0] > MOST_HOLES * blocks[1]


def _copy_months(connection: duckdb.DuckDBPyConnection, model: Model, made_anew: MadeAnew, built: str, months: Sequence[dt.date]) -> None:
    is_anew = f"list_contains(?, {month_sql(made_anew)})"
    connection.execute(f"delete from {quoted(model.name)} where {is_anew}", [list(months)])
    connection.execute(f"insert into {quoted(model.name)} select * from {built} where {is_anew} order by {_order(model)}", [list(months)])


def _write_months(connection: duckdb.DuckDBPyConnection, folder: Path, model: Model, made_anew: MadeAnew, base: Base | None) -> dict[str, str]:
    """The hash of each file by its name; none for a table without rows, which is one file."""
    month = month_sql(made_anew)
    months = [day for (day,) in connection.execute(f"select {month} from {quoted(model.name)} group by 1 order by 1").fetchall()]
    known = base.tables[model.name].files if base is not None and model.name in base.months and model.name in base.tables else {}
    anew = set(base.months[model.name]) if base is not None and known else set()
    files = {}
    for day in months:
        folder.mkdir(exist_ok=True)
        name = f"{day.isoformat()[:7]}.parquet"
        if base is not None and name in known and day not in anew:
            os.link(base.folder / "parquet" / model.name / name, folder / name)
            files[name] = known[name]
        else:
            in_month = f"{made_anew.day} is null" if day == dt.date.min else f"{made_anew.day} >= date '{day}' and {made_anew.day} < date '{_next_month(day)}'"
            files[name] = _write_file(connection, folder / name, f"select * from {quoted(model.name)} where {in_month}", model)
    return files


def _write_file(connection: duckdb.DuckDBPyConnection, path: Path, rows: str, model: Model) -> str:
    order = ", ".join(f"{quoted(column)} nulls first" for column in model.key)
    connection.execute(f"copy ({rows} order by {order}) to {literal(str(path))} (format parquet, compression zstd)")
    return file_sha256(path)


def _next_month(day: dt.date) -> dt.date:
    return (day + dt.timedelta(days=31)).replace(day=1)


def _check_described(connection: duckdb.DuckDBPyConnection, model: Model, built: str) -> None:
    """Whoever reads a published column must be able to read what it means; a table without a key has no order."""
    described = {column.name for column in model.columns if column.description}
    present = [row[0] for row in connection.execute(f"describe {built}").fetchall()]
    missing = [f"column {name} has no description" for name in present if name not in described]
    missing += [f"key column {name} is not in the table" for name in model.key if name not in present]
    missing += [] if model.description else ["it has no description"]
    missing += [] if model.key else ["it has no `config.meta.key`"]
    if missing:
        raise BuildError("; ".join(missing), where=f"published {model.name}", do="add it to the model's .yml")


def _describe(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    connection.execute(f"comment on {'view' if model.is_view else 'table'} {quoted(model.name)} is {literal(model.description)}")
    present = {row[0] for row in connection.execute(f"describe {quoted(model.name)}").fetchall()}
    for column in model.columns:
        if column.name in present:
            connection.execute(f"comment on column {quoted(model.name)}.{quoted(column.name)} is {literal(column.description)}")


def _within_one_file(view_sql: str, warehouse_name: str) -> str:
    """The view's text without the name of the warehouse: in the published file there is no other database."""
    sql = view_sql.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)
    return re.sub(rf'"?\b{re.escape(warehouse_name)}\b"?\.(?="?{PUBLISHED_SCHEMA}\b)', "", sql)


def _order(model: Model) -> str:
    """Months stand together, so that one is found without looking through the others."""
    month = [month_sql(model.made_anew)] if model.made_anew else []
    return ", ".join([*month, *(f"{quoted(column)} nulls first" for column in model.key)])
