"""What the page is told beside the published tables, and what follows from it about fiscal years.

Belongs here: the small dataclasses that cross the room's wall, fiscal-year arithmetic. Doesn't: SQL, wording, drawing.
"""

import datetime as dt
from dataclasses import dataclass, field

from orchestration.fiscal_years import FiscalYears


@dataclass(frozen=True)
class PublicationFacts:
    """Whose publication it is, as of when, in which currency. as_of is exclusive: that day's sales aren't in.

    as_known_on: the day of a look back, else empty. calendar: where the company has one, its fiscal years.
    """

    company_name: str
    as_of: dt.date
    reporting_currency: str
    publication_id: str
    fiscal_year_start_month: int = 1
    as_known_on: str = ""
    calendar: FiscalYears = field(default_factory=FiscalYears)

    def start(self, year: int) -> dt.date:
        """First day of a fiscal year, which is named by the calendar year it ends in."""
        if self.calendar.years:
            # Of a year that is in no calendar nothing is known but that it is still to come, or long gone.
            return self.calendar.start(year) or (dt.date.max if year > self.calendar.years[-1][0] else dt.date.min)
        month = self.fiscal_year_start_month
        return dt.date(year - (month > 1), month, 1)

    def fiscal_year(self, on: dt.date) -> int:
        """The fiscal year that a day is in."""
        if self.calendar.years:
            return self.calendar.of(on)
        first = self.fiscal_year_start_month
        return on.year + (first > 1 and on.month >= first)

    def months_until_as_of(self, year: int) -> int:
        """How many of the year's months have begun; under a calendar parts of months count, as they do where a cost has a month."""
        start = self.start(year)
        last = self.as_of - dt.timedelta(days=1)
        if self.calendar.years:
            last = min(last, self.start(year + 1) - dt.timedelta(days=1))
            return max(0, (last.year - start.year) * 12 + last.month - start.month + 1)
        return max(0, min(12, (last.year - start.year) * 12 + last.month - start.month + 1))


@dataclass(frozen=True)
class Figure:
    """One figure worth looking at, ready to print."""

    label: str
    value: str
    note: str
