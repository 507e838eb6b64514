"""Where people sell: a tree of regions, and who holds which seat from when to when.

Belongs here: territories and assignments. Doesn't: sales in them.
"""

import datetime as dt

import numpy as np

from orchestration.demo.calendar import NIGHTS_FROM, QUARTERS, Calendar, add_months, month_of
from orchestration.demo.events import Assignment, Person, Territory, World
from orchestration.demo.names import EUROPE, LEAVES
from orchestration.demo.seats import swap_seats


def build_territories(world: World, rng: np.random.Generator, seats: int) -> None:
    """Two regions with leaves below; each rep holds a seat, some two at once, every eleventh none. The last leaf opens in the third month."""
    calendar = world.calendar
    leaves = LEAVES[: min(len(LEAVES), max(4, seats // 5))]
    for number, region in enumerate(("Americas", "Europe")):
        world.territories.append(Territory(f"TR{number + 1:02d}", region, None, region, None, calendar.extracts[0]))
    parents = {territory.name: territory.territory_id for territory in world.territories}
    for number, (name, region, country) in enumerate(leaves):
        seen_on = calendar.extracts[min(2, len(calendar.extracts) - 1)] if number == len(leaves) - 1 else calendar.extracts[0]
        world.territories.append(Territory(f"TR{number + 3:02d}", name, parents[region], region, country, seen_on))
    for number, rep in enumerate(world.reps):
        if number % 11 != 7:
            _seats(world, rng, rep, number)
    swap_seats(world)


def region_of(person: Person) -> str:
    """Region that the person sells in."""
    return "Europe" if person.country in EUROPE else "Americas"


def leaves_of(world: World, region: str) -> list[str]:
    """Ids of the territories of a region that have none below."""
    return [territory.territory_id for territory in world.territories if territory.parent_id is not None and territory.region == region]


def territory_on(world: World, crm_user_id: str, day: dt.date) -> str | None:
    """The seat held on the day; the lowest id of several."""
    return min(
        (
            seat.territory_id
            for seat in world.assignments
            if seat.crm_user_id == crm_user_id and seat.from_on <= day and (seat.to_on is None or day < seat.to_on)
        ),
        default=None,
    )


def _seats(world: World, rng: np.random.Generator, rep: Person, number: int) -> None:
    """One seat after the other until the rep leaves; a change comes about every six years, and for the third rep in the sixth month.

    Every fourth end is entered two extracts late; a third of the leavers' seats are missing from the quarter's extract instead.
    Every ninth rep covers a second territory in the second year.
    """
    calendar, leaves = world.calendar, leaves_of(world, region_of(rep))
    crm_user_id, on = rep.crm_user_id or "", rep.hired_on
    seat = _open(world, leaves[int(rng.integers(len(leaves)))], crm_user_id, on)
    for index, month_on in enumerate(calendar.months[:-1]):
        if month_on <= month_of(rep.hired_on) or not rep.is_employed_on(month_on):
            continue
        if rng.random() < 1 / 72 or (number == 2 and index == 5):
            others = [leaf for leaf in leaves if leaf != seat.territory_id]
            on = month_on.replace(day=int(rng.integers(2, 28)))
            _close(calendar, seat, on, late=2 if len(world.assignments) % 4 == 0 else 0)
            seat = _open(world, others[int(rng.integers(len(others)))], crm_user_id, on)
    end_on = add_months(rep.hired_on, 18)
    if number % 9 == 1 and (rep.left_on is None or rep.left_on > end_on) and add_months(rep.hired_on, 6) < calendar.months[-1]:
        second = _open(world, next(leaf for leaf in leaves if leaf != seat.territory_id), crm_user_id, add_months(rep.hired_on, 6))
        if end_on < calendar.months[-1]:
            _close(calendar, second, end_on)
    gone_on = _delivered(calendar, calendar.seen(rep.left_on)) if rep.left_on is not None else None
    if world.crm_change is not None and gone_on is not None and number % 3 == 1 and _delivered(calendar, seat.seen_on) < gone_on:
        seat.vanishes, seat.to_on, seat.closed_seen_on = True, gone_on, gone_on
    elif rep.left_on is not None:
        _close(calendar, seat, rep.left_on)


def _delivered(calendar: Calendar, seen_on: dt.date) -> dt.date:
    """The quarter's extract that tells it."""
    return next(day for day in calendar.extracts if day >= seen_on and (day.month in QUARTERS or day > NIGHTS_FROM))


def _open(world: World, territory_id: str, crm_user_id: str, on: dt.date) -> Assignment:
    seat = Assignment(territory_id, crm_user_id, on, world.calendar.seen(on))
    world.assignments.append(seat)
    return seat


def _close(calendar: Calendar, seat: Assignment, on: dt.date, late: int = 0) -> None:
    seat.to_on = on
    seat.closed_seen_on = max(seat.seen_on, calendar.seen(on, late=late))
