"""When the books of each month were closed: a quarter at a time, half a quarter later; one month was opened again.

Belongs here: what finance closed, as it is told and as it must turn out, with what came late. Doesn't: the rules that find it.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from orchestration.demo.calendar import AS_OF, QUARTERS, add_months, fiscal_year, month_of
from orchestration.demo.events import World
from orchestration.demo.facts import LEAVE, Facts
from orchestration.demo.money import decimal

Row = dict[str, Any]
_RULES = ("tools", "overhead", "management")
_CLOSED_BY = "controller"
_OPENED_BY = "head of finance"


def closes(world: World) -> Iterator[tuple[dt.date, Row]]:
    """A row a month of each quarter that is over long enough, and one more for the month that was opened again."""
    closed = _closed(world)
    for month_on, closed_on in closed.items():
        yield world.calendar.seen(closed_on), {"month_on": month_on, "is_closed": True, "closed_on": closed_on, "closed_by": _CLOSED_BY}
    opened_on = _opened(closed)
    if opened_on is not None:
        on = closed[opened_on] + dt.timedelta(days=20)
        told = {"month_on": opened_on, "is_closed": False, "closed_on": on, "closed_by": _OPENED_BY, "reason": "an invoice was missing"}
        yield world.calendar.seen(on), told


def period_status(facts: Facts, start_month: int) -> Iterator[Row]:
    """Each month traded, and what of it was first told after it was closed."""
    world, closed = facts.world, _closed(facts.world)
    opened_on = _opened(closed)
    closed = {month_on: on for month_on, on in closed.items() if month_on != opened_on}
    sales = [(sale.on, sale.line.seen_on, sale.revenue) for sale in facts.sales]
    late = [(month_of(on), amount) for on, seen_on, amount in sales if _is_late(closed, on, seen_on)]
    late_lines = Counter(month_on for month_on, _ in late)
    costs = [(month_on, item.seen_on) for item in world.pay for month_on in item.months]
    costs += [(pool.month_on, pool.seen_on) for pool in world.pools]
    costs += [(spend.month_on, spend.seen_on) for spend in world.spends]
    costs += [(expense.spent_on, expense.seen_on) for expense in world.expenses]
    costs += [(session.session_on, world.calendar.seen(session.session_on)) for session in world.sessions]
    late_costs = Counter(month_of(on) for on, seen_on in costs if _is_late(closed, on, seen_on))
    dividing = Counter(month_on for from_on, to_on, seen_on in _spans(facts) for month_on in _reached(closed, from_on, to_on, seen_on))
    dividing.update(month_on for days, seen_on in _splits(facts) for month_on in {month_of(day) for day in days if _is_late(closed, day, seen_on)})
    for month_on in world.calendar.months:
        revenue = sum(amount for late_on, amount in late if late_on == month_on)
        yield {
            "month_on": month_on,
            "fiscal_year": fiscal_year(month_on, start_month),
            "fiscal_period": None,
            "period_end_on": add_months(month_on, 1),
            "period_state": "closed" if month_on in closed else "preliminary",
            "closed_on": closed.get(month_on),
            "closed_by": _CLOSED_BY if month_on in closed else None,
            "late_order_lines": late_lines[month_on],
            "late_revenue_amount": decimal(revenue),
            "late_cost_lines": late_costs[month_on],
            "late_dividing_lines": dividing[month_on],
        }


def _spans(facts: Facts) -> Iterator[tuple[dt.date, dt.date, dt.date]]:
    """From when to when leave lasts, a job is held and a rule holds, and when it was told."""
    world = facts.world
    for absence in world.absences:
        if absence.kind in LEAVE:
            yield absence.starts_on, absence.ends_on, absence.seen_on
    turns = [[(job.effective_on, job.seen_on) for job in person.jobs] for person in world.people]
    turns += [[(rule.effective_on, world.calendar.seen(rule.effective_on)) for rule in world.rules if rule.kind == kind] for kind in _RULES]
    for turn in turns:
        ordered = sorted(turn)
        for (from_on, seen_on), (to_on, _) in pairwise([*ordered, (dt.date.max, dt.date.max)]):
            yield from_on, to_on, seen_on


def _splits(facts: Facts) -> Iterator[tuple[list[dt.date], dt.date]]:
    """The days on which something was sold under a share of a deal, and when the share was told."""
    sold: dict[str, list[dt.date]] = defaultdict(list)
    for sale in facts.sales:
        if sale.line.opportunity is not None:
            sold[(sale.line.opportunity.merged_into or sale.line.opportunity).opportunity_id].append(sale.on)
    for deal in facts.world.opportunities:
        days = sold[(deal.merged_into or deal).opportunity_id]
        for split in deal.splits:
            changed_on = split.changed_on or dt.date.max
            yield [day for day in days if day < changed_on], split.seen_on
            if split.changed_on is not None:
                yield [day for day in days if day >= changed_on], facts.world.calendar.seen(split.changed_on)


def _reached(closed: dict[dt.date, dt.date], from_on: dt.date, to_on: dt.date, seen_on: dt.date) -> list[dt.date]:
    return [month_on for month_on, on in closed.items() if seen_on > on and from_on < add_months(month_on, 1) and to_on > month_on]


def _is_late(closed: dict[dt.date, dt.date], on: dt.date, seen_on: dt.date) -> bool:
    return month_of(on) in closed and seen_on > closed[month_of(on)]


def _closed(world: World) -> dict[dt.date, dt.date]:
    """By month, when it was closed."""
    quarters: Iterable[dt.date] = (month_on for month_on in world.calendar.months if month_on.month in QUARTERS)
    closed = {quarter_on: add_months(quarter_on, 4) + dt.timedelta(days=14) for quarter_on in quarters}
    return {add_months(quarter_on, number): on for quarter_on, on in closed.items() if on < AS_OF for number in range(3)}


def _opened(closed: dict[dt.date, dt.date]) -> dt.date | None:
    """The month that was opened again: the last that was closed; none in a company too young to have closed one."""
    return max(closed, default=None)
