"""SQL that several questions of `explain` share. Belongs here: text of SQL. Doesn't: running it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchestration.landing.readers import literal


@dataclass(frozen=True)
class Among:
    """The columns together are a row of another table. select: the SQL of these rows."""

    columns: tuple[str, ...]
    select: str


def condition(where: Mapping[str, Any]) -> str:
    """True for the rows that have these values, of an Among whatever it is named; written out, so that DuckDB leaves out what no row of it can have."""
    return " and ".join(_equals(name, value) for name, value in where.items()) or "true"


def units(amount: str) -> str:
    """An amount as a whole number of its ten-thousandths."""
    return f"cast(cast({amount} as decimal(28, 4)) * 10000 as hugeint)"


def _equals(name: str, value: Any) -> str:
    if isinstance(value, Among):
        return f"({', '.join(value.columns)}) in ({value.select})"
    if value is None:
        return f"{name} is null"
    if isinstance(value, bool | int | Decimal):
        return f"{name} = {value}"
    if isinstance(value, dt.date):
        return f"{name} = date '{value}'"
    return f"{name} = {literal(str(value))}"
