"""When the books of each month were closed: a quarter at a time, half a quarter later; one month was opened again.

Belongs here: what finance closed, as it is told and as it must turn out, with what came late. Doesn't: the rules that find it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from orchestration.demo.calendar import AS_OF, QUARTERS, add_months, fiscal_year, month_of
from orchestration.demo.events import World
from orchestration.demo.facts import Facts
from orchestration.demo.money import decimal

Row = dict[str, Any]
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
    costs = [(item.month_on, item.seen_on) for item in world.pay]
    costs += [(pool.month_on, pool.seen_on) for pool in world.pools]
    costs += [(spend.month_on, spend.seen_on) for spend in world.spends]
    costs += [(expense.spent_on, expense.seen_on) for expense in world.expenses]
    costs += [(session.session_on, world.calendar.seen(session.session_on)) for session in world.sessions]
    late_costs = Counter(month_of(on) for on, seen_on in costs if _is_late(closed, on, seen_on))
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
        }


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
