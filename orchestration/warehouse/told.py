"""What a night that only added deliveries made anew: for the gate, which asks that alone, and for the publication.

Belongs here: reading it from the warehouse. Doesn't: making it (`dbt_project/macros/night.sql`), asking, publishing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import duckdb

from orchestration.landing.declarations import standard_entities
from orchestration.warehouse.models import MadeAnew, Model

_HISTORY = "core_{}_history"
_FIRST_DAY = "date '0001-01-01'"


def told_keys(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> Mapping[str, str]:
    """By table, SQL that is true of a row `told` whose key was made anew; tables that were made whole are not there."""
    histories = {_HISTORY.format(name): (name, entity.key) for name, entity in standard_entities().items()}
    news = {name for (name,) in connection.execute("select distinct entity from raw.delivery where is_new").fetchall()}
    keyed = {name for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'change'").fetchall()}
    found = {}
    for model in models:
        table = f"{model.schema}.{model.name}"
        if model.made_anew:
            found[table] = _of_months(table, model.made_anew)
        elif model.name in histories:
            entity, key = histories[model.name]
            if entity not in news:
                found[table] = "false"
            elif f"{entity}_key" in keyed:
                found[table] = f"exists (select 1 from change.{entity}_key as anew where {_same(key)})"
    return found


def months_made_anew(connection: duckdb.DuckDBPyConnection, made_anew: MadeAnew) -> tuple[dt.date, ...]:
    """The first days of the months, in order."""
    return tuple(month for (month,) in connection.execute(f"select month_on from core.{made_anew.months} group by 1 order by 1").fetchall())


def month_sql(made_anew: MadeAnew) -> str:
    """The month to which a row belongs."""
    return f"cast(date_trunc('month', coalesce({made_anew.day}, {_FIRST_DAY})) as date)"


def _of_months(table: str, made_anew: MadeAnew) -> str:
    rows = f"select 1 from {table} as anew where {month_sql(made_anew)} in (select month_on from core.{made_anew.months})"
    return f"exists ({rows} and {_same(made_anew.key)})"


def _same(key: Iterable[str]) -> str:
    return " and ".join(f'anew."{column}" is not distinct from told."{column}"' for column in key)
