"""What happens to seats, and the goals that they have: a rep is not a seat.

Belongs here: two reps who change seats in mid-month, the quotas of seats. Doesn't: who sits where otherwise (`territories`).
By chance alone seats are empty, shared and handed over too; these are sure to be.
"""

import datetime as dt
from dataclasses import replace

from orchestration.demo.calendar import add_months, month_of
from orchestration.demo.events import Assignment, World
from orchestration.demo.facts import Facts
from orchestration.demo.money import UNIT, half_away
from orchestration.demo.plan_events import Goal

_SWAP_MONTH, _SWAP_DAY = 19, 17
_FIRST_TARGET = 50_000 * UNIT


def swap_seats(world: World) -> None:
    """On a day in the middle of the twentieth month two reps take each other's seat, and keep it as long as the other would have, or until they leave."""
    months = world.calendar.months
    if len(months) <= _SWAP_MONTH + 1:
        return
    on = months[_SWAP_MONTH].replace(day=_SWAP_DAY)
    held = [seat for seat in world.assignments if seat.from_on < on and (seat.to_on is None or seat.to_on > on)]
    held = [seat for seat in held if not seat.vanishes and _is_lone(world, seat, on)]
    pair = next(((one, other) for one in held for other in held if one.crm_user_id < other.crm_user_id and one.territory_id != other.territory_id), None)
    if pair is None:
        return
    seen_on = world.calendar.seen(on)
    for seat, heir in (pair, pair[::-1]):
        taken = replace(seat, crm_user_id=heir.crm_user_id, from_on=on, seen_on=seen_on)
        left_on = next(person.left_on for person in world.users if person.crm_user_id == heir.crm_user_id)
        if left_on is not None and (taken.to_on is None or left_on < taken.to_on):
            taken.to_on, taken.closed_seen_on = left_on, world.calendar.seen(left_on)
        world.assignments.append(taken)
    for seat in pair:
        seat.to_on, seat.closed_seen_on = on, seen_on


def _is_lone(world: World, seat: Assignment, on: dt.date) -> bool:
    """Whether the rep holds this seat alone, and takes none on the day itself."""
    return not any(
        other is not seat and other.crm_user_id == seat.crm_user_id and other.from_on <= on and (other.to_on is None or on < other.to_on)
        for other in world.assignments
    )


def set_seat_goals(world: World, facts: Facts) -> None:
    """A year's revenue for every territory that people sell in, from what was sold there the year before; for the first one, customers and
    margin too, a quarter from mid-month to mid-month.
    """
    leaves = [territory.territory_id for territory in world.territories if territory.parent_id is not None]
    sold: dict[tuple[str | None, int], int] = {}
    for sale in facts.sales:
        key = (sale.line.territory_id, sale.on.year)
        sold[key] = sold.get(key, 0) + sale.revenue
    for month_on in world.calendar.months[::12]:
        for leaf in leaves:
            before = sold.get((leaf, month_on.year - 1), 0)
            _set(world, leaf, "revenue", month_on, add_months(month_on, 12), max(half_away(before * 105, 100), _FIRST_TARGET))
        middle = month_of(month_on).replace(day=15)
        _set(world, leaves[0], "new_customers", middle, add_months(middle, 3), 3 * UNIT)
        _set(world, leaves[0], "gross_margin", middle, add_months(middle, 3), 10_000 * UNIT)


def _set(world: World, territory_id: str, metric: str, start_on: dt.date, end_on: dt.date, target: int) -> None:
    world.goals.append(
        Goal(
            goal_id=f"Q{sum(goal.owner_type == 'territory' for goal in world.goals) + 1:05d}",
            version=1,
            owner_type="territory",
            owner_id=territory_id,
            metric=metric,
            start_on=start_on,
            end_on=end_on,
            target=target,
            ramp_pct=None,
            set_on=start_on - dt.timedelta(days=10),
            approved_by="U0001",
            acknowledged_on=None,
            reason="quota of the seat",
        )
    )
