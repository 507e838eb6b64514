"""Who is away for long: parental leave, long sickness, and vacation, which is no long leave.

Belongs here: absences as HR tells them. Doesn't: what is paid in them (`pay`), what they take out of a cost (`facts`).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from orchestration.demo.calendar import NIGHTS_FROM, eve
from orchestration.demo.company import ROLES
from orchestration.demo.events import Absence, Person, World
from orchestration.demo.money import UNIT, text

# Days since the hire, kind, days, whether they are paid, and the share of the working time.
_PARENTAL = ((230, "parental", 75, True, 100), (305, "parental", 40, False, 100), (345, "parental", 33, True, 50))
_SICK = ((290, "long_sick", 64, True, 100), (340, "care", 30, True, 40))
_VACATION = ((260, "vacation", 16, True, 100),)
_PLANS = {1: _PARENTAL, 3: _SICK, 5: _VACATION}


def build_absences(world: World) -> None:
    """Of the sellers in the order in which they were hired some of each kind; and the second manager is sick. The care of who was sick overlaps."""
    sellers = [
        person
        for person in world.people
        if person.employee_number is not None and person.crm_user_id is not None and {person.rep_role, person.former_role} & {*ROLES}
    ]
    managers = [person for person in world.people if person.rep_role == "manager"]
    for number, person in enumerate(sellers):
        _plan(world, person, _PLANS.get(number % 7, ()))
    _plan(world, managers[1], _SICK[:1])


def _plan(world: World, person: Person, plan: tuple[tuple[int, str, int, bool, int], ...]) -> None:
    """In the first year that the history has of the person, whole and before the last nights; HR tells it when it begins."""
    since = max(person.hired_on, world.calendar.first_on)
    for after, kind, days, is_paid, pct in plan:
        starts_on = since + dt.timedelta(days=after)
        ends_on = starts_on + dt.timedelta(days=days)
        if ends_on < min(person.left_on or NIGHTS_FROM, NIGHTS_FROM):
            world.absences.append(Absence(person.employee_number or "", kind, starts_on, ends_on, is_paid, pct, world.calendar.seen(starts_on)))


def absences(world: World) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """Each told once, as it begins, with the end that is agreed."""
    for absence in world.absences:
        yield (
            absence.seen_on,
            {
                "employee_number": absence.employee_number,
                "absence_type": absence.kind,
                "starts_on": absence.starts_on,
                "ends_on": absence.ends_on,
                "is_paid": absence.is_paid,
                "absence_pct": text(absence.pct * UNIT),
                "updated_at": eve(absence.seen_on, 9),
            },
        )
