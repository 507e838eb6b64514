"""The forms in which a publication is written: one DuckDB file with its words in it, and one Parquet file a table.

Belongs here: copying from the warehouse, ordered and described. Doesn't: where the files go and when readers see them.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.errors import BuildError
from orchestration.publication.manifest import PublishedTable, file_sha256
from orchestration.warehouse.models import PUBLISHED_SCHEMA, Model


def write_duckdb(warehouse: Path, target: Path, models: Sequence[Model]) -> None:
    """Copy the published tables into a file of their own, each ordered by its key; views stay views; every column has its words."""
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach {_text(str(warehouse))} as {_name(warehouse.stem)} (read_only)")
        views = dict(
            connection.execute("select view_name, sql from duckdb_views() where database_name = ? and schema_name = 'main'", [warehouse.stem]).fetchall()
        )
        for model in models:
            built = f"{_name(warehouse.stem)}.{PUBLISHED_SCHEMA}.{_name(model.name)}"
            _check_described(connection, model, built)
            if model.is_view:
                connection.execute(_within_one_file(views[model.name], warehouse.stem))
            else:
                connection.execute(f"create table {_name(model.name)} as select * from {built} order by {_order(model)}")
            _describe(connection, model)
        connection.execute(f"detach {_name(warehouse.stem)}")


def write_parquet(published: Path, folder: Path, models: Sequence[Model]) -> tuple[PublishedTable, ...]:
    """One file a table, ordered by its key: the same rows give the same bytes."""
    folder.mkdir()
    tables = []
    with duckdb.connect(str(published), read_only=True) as connection:
        for model in sorted(models, key=lambda model: model.name):
            path = folder / f"{model.name}.parquet"
            relation = _name(model.name)
            connection.execute(f"copy (select * from {relation} order by {_order(model)}) to {_text(str(path))} (format parquet, compression zstd)")
            counted = connection.execute(f"select count(*) from {relation}").fetchone()
            columns = len(connection.execute(f"describe {relation}").fetchall())
            kind = "view" if model.is_view else "table"
            tables.append(PublishedTable(model.name, kind, model.key, counted[0] if counted else 0, columns, file_sha256(path)))
    return tuple(tables)


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
    connection.execute(f"comment on {'view' if model.is_view else 'table'} {_name(model.name)} is {_text(model.description)}")
    present = {row[0] for row in connection.execute(f"describe {_name(model.name)}").fetchall()}
    for column in model.columns:
        if column.name in present:
            connection.execute(f"comment on column {_name(model.name)}.{_name(column.name)} is {_text(column.description)}")


def _within_one_file(view_sql: str, warehouse_name: str) -> str:
    """The view's text without the name of the warehouse: in the published file there is no other database."""
    return re.sub(rf'"?\b{re.escape(warehouse_name)}\b"?\.(?="?{PUBLISHED_SCHEMA}\b)', "", view_sql)


def _order(model: Model) -> str:
    return ", ".join(f"{_name(column)} nulls first" for column in model.key)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
