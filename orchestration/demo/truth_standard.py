"""The true standard cost: what each rep's year would cost if everybody in the same role and country cost the same by full-time days.

Belongs here: cells, and each one's share. Doesn't: what people really cost (`facts`), rows of answers (`truth`).

Where the rules leave room, this is how they are read:
- Whoever was paid nothing in the year is in no cell. Long leave is no full-time day. The last month of the history has no cost, and so no day.
- Parts of equal remainder: the lowest CRM user id gets the ten-thousandth.
- A career is its years at standard cost, and as it was what is paid once or for leave, which is in no year.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from orchestration.demo.calendar import NIGHTS_FROM, fiscal_year, fiscal_year_end
from orchestration.demo.facts import Facts
from orchestration.demo.loaded import full_time_pct
from orchestration.demo.money import shares

FEWEST = 5
Costs = tuple[int, int, dict[str, int]]
_PARTS = ("direct", "shared", "management")


@dataclass(frozen=True)
class Standard:
    """A rep's year, or career: all of the cost, what of it is an estimate, its parts; and whose mean it is."""

    costs: Costs
    level: str
    people: int | None


def standard_costs(
    facts: Facts, start_month: int, actual: Mapping[tuple[str, int], Costs], paid_once: Mapping[str, tuple[int, int]]
) -> dict[tuple[str, int | None], Standard]:
    """By rep and fiscal year; a career has none. paid_once: of each rep all of it, and what is an estimate."""
    years = _year_costs(facts, start_month, actual)
    found: dict[tuple[str, int | None], Standard] = dict(years.items())
    for rep in {user for user, _ in years}:
        costs = [standard.costs for (user, _), standard in years.items() if user == rep]
        once, guessed = paid_once.get(rep, (0, 0))
        parts = {part: sum(of_year.get(part, 0) for *_, of_year in costs) for part in _PARTS}
        parts["direct"] += once
        found[rep, None] = Standard((sum(parts.values()), sum(estimated for _, estimated, _ in costs) + guessed, parts), "years", None)
    return found


def _year_costs(facts: Facts, start_month: int, actual: Mapping[tuple[str, int], Costs]) -> dict[tuple[str, int], Standard]:
    days, paid = _full_time_days(facts.nominal, start_month), _paid(facts.nominal, start_month)
    found = {key: Standard(costs, "person", 1) for key, costs in actual.items()}
    for year in {year for _, year in actual}:
        people = sorted(user for user, one in actual if one == year and days.get((user, year), 0) and (user, year) in paid)
        for (level, *_), members in _cells(facts, people, fiscal_year_end(year, start_month)).items():
            if len(members) >= FEWEST:
                weights = [days[user, year] for user in members]
                parts = {part: shares(sum(actual[user, year][2].get(part, 0) for user in members), weights) for part in _PARTS}
                estimated = shares(sum(actual[user, year][1] for user in members), weights)
                for number, user in enumerate(members):
                    mine = {part: amounts[number] for part, amounts in parts.items()}
                    found[user, year] = Standard((sum(mine.values()), estimated[number], mine), level, len(members))
    return found


@lru_cache(maxsize=2)
def _full_time_days(facts: Facts, start_month: int) -> dict[tuple[str, int], int]:
    days: dict[tuple[str, int], int] = defaultdict(int)
    for person in facts.world.people:
        user, number = (person.first or person).crm_user_id, person.employee_number
        day = max(person.hired_on, facts.world.calendar.first_on)
        while user is not None and number is not None and day < min(person.left_on or NIGHTS_FROM, NIGHTS_FROM):
            days[user, fiscal_year(day, start_month)] += full_time_pct(person, day) * (100 - facts.leave.get((number, day), (0, True))[0])
            day += dt.timedelta(days=1)
    return dict(days)


@lru_cache(maxsize=2)
def _paid(facts: Facts, start_month: int) -> set[tuple[str, int]]:
    """Who was paid anything in which fiscal year."""
    users = {person.employee_number: (person.first or person).crm_user_id or "" for person in facts.world.people}
    return {(users[item.employee_number], fiscal_year(month_on, start_month)) for item in facts.world.pay for month_on in item.months}


def _cells(facts: Facts, people: list[str], end: dt.date) -> dict[tuple[str, ...], list[str]]:
    """Who is in which cell by the role at a year's end, the level first: as narrow as five people allow."""
    roles: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for user in people:
        roles[facts.role_at(user, end) or "unknown"][facts.persons[user].country].append(user)
    cells: dict[tuple[str, ...], list[str]] = {}
    rest: list[str] = []
    kept: dict[str, list[str]] = {}
    for role, countries in roles.items():
        everybody = [user for members in countries.values() for user in members]
        few = [user for members in countries.values() for user in members if len(members) < FEWEST]
        if len(everybody) < FEWEST:
            rest += everybody
        else:
            kept[role] = everybody
            if 0 < len(few) < FEWEST:
                cells["role", role] = everybody
            else:
                cells |= {("role_country", role, country): members for country, members in countries.items() if len(members) >= FEWEST}
                cells |= {("role", role): few} if few else {}
    if 0 < len(rest) < FEWEST and kept:
        smallest = min(kept, key=lambda role: (len(kept[role]), role))
        rest += kept[smallest]
        cells = {name: members for name, members in cells.items() if name[1] != smallest}
    cells |= {("all",): rest} if rest else {}
    return {name: sorted(members) for name, members in cells.items()}
