"""On which day a lens reads who held what, and who held a seat on each day: worked out from the events, day by day.

Belongs here: days, owners, territories and seats as a lens reads them. Doesn't: what they add up to (`truth`, `truth_more`, `truth_seats`).

Where the rules leave room, this is how they are read:
- As sold: on the day of the sale, the acquisition, the month's end. As it was: on the last day of the row's fiscal year or of the goal's
  period, or the last day before the as-of date while that still runs. As it is: on the last day before the as-of date.
- A day on which nobody, or nobody who is a rep, owned an account is *unknown*'s.
- A region is the name of the territory that the account's owner held (of several, the lowest id), else the account's own.
"""

import datetime as dt
from collections import defaultdict
from functools import lru_cache

from orchestration.demo.calendar import AS_OF, fiscal_year, fiscal_year_end
from orchestration.demo.events import UNKNOWN
from orchestration.demo.facts import Facts, Values

LENSES = ("as_sold", "as_was", "as_is")
ONE_DAY = dt.timedelta(days=1)
FOR_EVER = dt.date(9999, 12, 31)


def read_on(lens: str, happened_on: dt.date, period_end_on: dt.date) -> dt.date:
    """The day at which the lens looks, for something that happened within a period."""
    if lens == "as_sold":
        return happened_on
    return (min(period_end_on, AS_OF) if lens == "as_was" else AS_OF) - ONE_DAY


def read_in_year(lens: str, happened_on: dt.date, year: int, start_month: int) -> dt.date:
    """The same where the period is a fiscal year."""
    return happened_on if lens == "as_sold" else read_on(lens, happened_on, fiscal_year_end(year, start_month))


def region_held(facts: Facts, account_id: str, day: dt.date) -> str:
    """Region of the account by who owned it on the day."""
    territory = facts.group("territory", facts.owner_on(account_id, day), day)
    return facts.territory_names.get(territory) or facts.account_regions.get(account_id, UNKNOWN)


@lru_cache(maxsize=8)
def bought_in_years(facts: Facts, start_month: int) -> dict[tuple[str, int], Values]:
    """What each account bought in each fiscal year, where it has a line."""
    sums: dict[tuple[str, int], Values] = defaultdict(lambda: (0, 0))
    for sale in facts.sales:
        key = (sale.account_id, fiscal_year(sale.on, start_month))
        before = sums[key]
        sums[key] = (before[0] + sale.revenue, before[1] + sale.margin)
    return dict(sums)


@lru_cache(maxsize=8)
def sold_in_regions(facts: Facts, start_month: int) -> dict[tuple[str, str, str, int], Values]:
    """What each user sold to each account in each region and fiscal year: by user, account, region, year."""
    sums: dict[tuple[str, str, str, int], Values] = defaultdict(lambda: (0, 0))
    for sale in facts.sales:
        year = fiscal_year(sale.on, start_month)
        for user, revenue, margin in sale.sellers:
            key = (user, sale.account_id, sale.region, year)
            before = sums[key]
            sums[key] = (before[0] + revenue, before[1] + margin)
    return dict(sums)


@lru_cache(maxsize=16)
def owner_years(facts: Facts, start_month: int, lens: str) -> dict[tuple[str, int], tuple[Values, Values]]:
    """The same as `account_years`, of all accounts that somebody owned on the day that the lens reads."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (account_id, year), values in account_years(facts, start_month).items():
        last_on = fiscal_year_end(year, start_month) - ONE_DAY
        parts = sums[facts.owner_on(account_id, read_in_year(lens, last_on, year, start_month)), year]
        for place, value in enumerate((*values[0], *values[1])):
            parts[place] += value
    return {key: ((parts[0], parts[1]), (parts[2], parts[3])) for key, parts in sums.items()}


@lru_cache(maxsize=8)
def account_years(facts: Facts, start_month: int) -> dict[tuple[str, int], tuple[Values, Values]]:
    """What each account brought in each fiscal year: bought in it, and summed over its month-ends."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, (revenue, margin) in bought_in_years(facts, start_month).items():
        sums[key] = [revenue, margin, 0, 0]
    for end_on, account_id, _, (revenue, margin) in facts.holdings:
        parts = sums[account_id, fiscal_year(end_on - ONE_DAY, start_month)]
        parts[2], parts[3] = parts[2] + revenue, parts[3] + margin
    return {key: ((parts[0], parts[1]), (parts[2], parts[3])) for key, parts in sums.items()}


class Seats:
    """Who held each seat on each day: spans of days in which the same people did, from the seat's first day without end."""

    def __init__(self, facts: Facts) -> None:
        self.held: dict[str, list[tuple[dt.date, dt.date, str]]] = {}
        first_on: dict[str, dt.date] = {}
        for seat in facts.world.assignments:
            self.held.setdefault(seat.territory_id, []).append((seat.from_on, seat.to_on or FOR_EVER, seat.crm_user_id))
            first_on[seat.territory_id] = min(seat.from_on, first_on.get(seat.territory_id, FOR_EVER))
        for goal in facts.world.goals:
            if goal.owner_type == "territory" and goal.owner_id:
                first_on[goal.owner_id] = min(goal.start_on, first_on.get(goal.owner_id, FOR_EVER))
        self.spans = {territory_id: self._spans(territory_id, day) for territory_id, day in first_on.items()}

    def holders(self, territory_id: str, day: dt.date) -> tuple[str, ...]:
        """Everybody who held the seat on the day, in order of ids."""
        return tuple(sorted({user for from_on, to_on, user in self.held.get(territory_id, []) if from_on <= day < to_on}))

    def _spans(self, territory_id: str, first_on: dt.date) -> list[tuple[dt.date, dt.date, tuple[str, ...]]]:
        last_on = max([first_on, *(to_on if to_on < FOR_EVER else from_on for from_on, to_on, _ in self.held.get(territory_id, []))])
        starts = [(first_on, self.holders(territory_id, first_on))]
        for number in range(1, (last_on - first_on).days + 1):
            day = first_on + number * ONE_DAY
            if (now := self.holders(territory_id, day)) != starts[-1][1]:
                starts.append((day, now))
        ends = [day for day, _ in starts[1:]] + [FOR_EVER]
        return [(day, end_on, holders) for (day, holders), end_on in zip(starts, ends, strict=True)]
