"""The days of the simulated company: when it traded and when its extracts were taken. Fixed dates, no clock.

Belongs here: months, extract dates, date arithmetic of the demo and its truth. Doesn't: what happened on a day.
"""

import calendar as months_of_the_world
import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property

NIGHTS_FROM = dt.date(2026, 1, 1)
AS_OF = dt.date(2026, 1, 8)
QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True)
class Calendar:
    """Years of monthly extracts that end on 2026-01-01, then seven nights. An extract of a date holds what happened before it."""

    years: int

    @cached_property
    def first_on(self) -> dt.date:
        return dt.date(NIGHTS_FROM.year - self.years, 1, 1)

    @cached_property
    def months(self) -> tuple[dt.date, ...]:
        """First day of each month traded, the week of the nights' month included."""
        return tuple(add_months(self.first_on, number) for number in range(12 * self.years + 1))

    @cached_property
    def extracts(self) -> tuple[dt.date, ...]:
        nights = tuple(NIGHTS_FROM + dt.timedelta(days=number) for number in range(1, (AS_OF - NIGHTS_FROM).days + 1))
        return self.months[1:] + nights

    def seen(self, happened_on: dt.date, *, late: int = 0) -> dt.date:
        """The extract that first holds what happened on a day; `late` extracts later when it was entered late, the last one at most."""
        if happened_on < self.first_on:
            return self.extracts[0]
        first = add_months(happened_on.replace(day=1), 1) if happened_on < NIGHTS_FROM else happened_on + dt.timedelta(days=1)
        return self.extracts[min(self.extracts.index(first) + late, len(self.extracts) - 1)] if late else first


@cache
def add_months(day: dt.date, number: int) -> dt.date:
    """The same day so many months later; the month's last day when it has no such day, as SQL does."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return dt.date(year, month + 1, min(day.day, months_of_the_world.monthrange(year, month + 1)[1]))


def month_of(day: dt.date) -> dt.date:
    """First day of the day's month."""
    return day.replace(day=1)


@cache
def last_day(month_on: dt.date) -> dt.date:
    """Last day of the month."""
    return add_months(month_on, 1) - dt.timedelta(days=1)


def fiscal_year(day: dt.date, start_month: int) -> int:
    """Named by the year it ends in."""
    return day.year + int(start_month > 1 and day.month >= start_month)


def fiscal_year_end(year: int, start_month: int) -> dt.date:
    """The day after the fiscal year's last."""
    return dt.date(year + 1, 1, 1) if start_month == 1 else dt.date(year, start_month, 1)


def at(day: dt.date, hour: int) -> dt.datetime:
    """A full hour of a day."""
    return dt.datetime(day.year, day.month, day.day, hour)


def eve(extract_on: dt.date, hour: int = 20) -> dt.datetime:
    """The evening before an extract, when what it tells was last changed."""
    return at(extract_on - dt.timedelta(days=1), hour)
