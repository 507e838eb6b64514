"""What the page is told beside the published tables, and what follows from it about fiscal years.

Belongs here: the small dataclasses that cross the room's wall, fiscal-year arithmetic. Doesn't: SQL, wording, drawing.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class PublicationFacts:
    """Whose publication it is, as of when, in which currency. as_of is exclusive: that day's sales aren't in.

    as_known_on: the day of a look back, else empty.
    """

    company_name: str
    as_of: dt.date
    reporting_currency: str
    publication_id: str
    fiscal_year_start_month: int = 1
    as_known_on: str = ""

    def start(self, year: int) -> dt.date:
        """First day of a fiscal year, which is named by the calendar year it ends in."""
        month = self.fiscal_year_start_month
        return dt.date(year - (month > 1), month, 1)

    def fiscal_year(self, on: dt.date) -> int:
        """The fiscal year that a day is in."""
        first = self.fiscal_year_start_month
        return on.year + (first > 1 and on.month >= first)

    def months_until_as_of(self, year: int) -> int:
        """How many of the year's twelve months have begun."""
        start = self.start(year)
        last = self.as_of - dt.timedelta(days=1)
        return max(0, min(12, (last.year - start.year) * 12 + last.month - start.month + 1))


@dataclass(frozen=True)
class Figure:
    """One figure worth looking at, ready to print."""

    label: str
    value: str
    note: str
