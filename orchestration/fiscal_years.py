"""The fiscal years of a company that has a calendar, as they are published.

Belongs here: reading them, which year a day is in. Doesn't: years that begin with a month, which need no table; SQL of the models.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class FiscalYears:
    """Years in their order, each with its first day and the day after its last. Empty where the company has no calendar."""

    years: tuple[tuple[int, dt.date, dt.date], ...] = ()

    def of(self, day: dt.date) -> int:
        """The year that a day is in; of a day outside of the calendar the number beside, as the models say it."""
        first, last = self.years[0], self.years[-1]
        if day < first[1]:
            return first[0] - 1
        return next((year for year, _, ends_on in self.years if day < ends_on), last[0] + 1)

    def start(self, year: int) -> dt.date | None:
        """First day of a year; of the year after the last, the day after that. None where the calendar has neither."""
        return next((starts_on for one, starts_on, _ in self.years if one == year), self.end(year - 1))

    def end(self, year: int) -> dt.date | None:
        """The day after the last of a year; None of a year that is not in the calendar."""
        return next((ends_on for one, _, ends_on in self.years if one == year), None)


def read_fiscal_years(connection: "duckdb.DuckDBPyConnection", schema: str = "main") -> FiscalYears:
    """The company's calendar as it is published; no years where there is none, or where the publication is older than the table."""
    catalog, _, name = schema.rpartition(".")
    known = f"select 1 from duckdb_tables() where table_name = 'dim_fiscal_period' and schema_name = '{name}'"
    if not connection.execute(known + (f" and database_name = '{catalog}'" if catalog else "")).fetchall():
        return FiscalYears()
    rows = connection.execute(
        f"select fiscal_year, min(period_start_on), max(period_end_on) from {schema}.dim_fiscal_period where is_company_calendar group by 1 order by 1"
    ).fetchall()
    return FiscalYears(tuple((year, starts_on, ends_on) for year, starts_on, ends_on in rows))
