"""The true comparison of people at the same stage, and of years with the same people.

Belongs here: `tenure_value`, `like_for_like` from the events. Doesn't: who sold and cost what (`facts`), the years of reps (`truth`).

Where the rules leave room, this is how they are read:
- A tenure year is twelve calendar months, the first of them that of the first hire, whoever was hired again; what is earlier is year 0.
- Who was hired on the first day of a year, or left on its last, was there all of it.
- Who was on long leave on a day of a tenure year had no whole one, and was not there throughout the years.
- Who has no ratio is judged by the role at the tenure year's end, of year 0 before the hire; of who was hired on no known day, by that of today.
- Who was hired again was not there on every day, however short the gap.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from orchestration.demo.calendar import AS_OF, add_months, fiscal_year_end, month_of
from orchestration.demo.events import UNKNOWN, Person
from orchestration.demo.facts import Facts
from orchestration.demo.loaded import PAID_ONCE
from orchestration.demo.money import decimal
from orchestration.demo.truth import COST_BELOW_0, Ledger, Row, ledger_of, ratio, value_ratio, withheld_reason

VERSIONS = "revenue 1, rep_cost 5, value_ratio_year 1"
Tenure = tuple[int | None, dt.date | None, dt.date | None]


def tenure_value(facts: Facts) -> Iterator[Row]:
    """Every rep's months, by the year since the hire."""
    employments = _employments(facts)
    sums: dict[tuple[str, Tenure], list[int]] = defaultdict(lambda: [0, 0])
    for (user, from_on), (revenue, _) in facts.sold_in_spells.items():
        sums[user, _tenure(employments.get(user, []), month_of(from_on))][0] += revenue
    for (user, _, month_on, component, _), (amount, _) in facts.costs.rows.items():
        if component not in PAID_ONCE and month_on < AS_OF:
            sums[user, _tenure(employments.get(user, []), month_on)][1] += amount
    for (user, (number, start, end)), (revenue, cost) in sums.items():
        reason = withheld_reason(facts, user, [end or AS_OF])
        yield {
            "crm_user_id": user,
            "tenure_year": number,
            "basis": facts.basis,
            "tenure_start_on": start,
            "tenure_end_on": end,
            "is_whole": None
            if number is None or end is None
            else number > 0 and end <= min(AS_OF, _left_on(employments[user])) and not _is_away(facts, employments[user], start, end),
            "revenue_amount": decimal(revenue),
            "cost_amount": decimal(cost),
            "value_ratio": None if reason else value_ratio(revenue, cost),
            "ratio_withheld_reason": reason or (COST_BELOW_0 if cost < 0 else None),
            "metric_versions": VERSIONS,
        }


def _employments(facts: Facts) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = defaultdict(list)
    for person in facts.world.people:
        user = (person.first or person).crm_user_id
        if person.employee_number is not None and user in facts.reps:
            found[user or UNKNOWN].append(person)
    return found


def _left_on(employments: list[Person]) -> dt.date:
    return max(person.left_on or dt.date.max for person in employments)


def _is_whole(facts: Facts, employments: list[Person], start: dt.date | None, end: dt.date) -> bool:
    return end <= min(AS_OF, _left_on(employments)) and not _is_away(facts, employments, start, end)


def _is_away(facts: Facts, employments: list[Person], start: dt.date | None, end: dt.date) -> bool:
    """Whether some day of the span was one of long leave."""
    numbers = {person.employee_number for person in employments}
    return any(start is not None and start <= day < end for number in numbers for day in facts.leave_days.get(number or "", []))


def _tenure(employments: list[Person], month_on: dt.date) -> Tenure:
    if not employments:
        return (None, None, None)
    hired_month_on = month_of(min(person.hired_on for person in employments))
    if month_on < hired_month_on:
        return (0, None, hired_month_on)
    number = (12 * (month_on.year - hired_month_on.year) + month_on.month - hired_month_on.month) // 12 + 1
    return (number, add_months(hired_month_on, 12 * (number - 1)), add_months(hired_month_on, 12 * number))


def like_for_like(facts: Facts, start_month: int) -> Iterator[Row]:
    """Each year that is over beside the one before, of everyone and of those who were there throughout."""
    ledger = ledger_of(facts, start_month, "rep", "as_sold")
    members: dict[int, set[str]] = defaultdict(set)
    for member, year in ledger.years():
        members[year].add(member)
    for year in sorted(members):
        end = fiscal_year_end(year, start_month)
        if year - 1 not in members or end > AS_OF:
            continue
        present = {
            user
            for user, employments in _employments(facts).items()
            if not _is_away(facts, employments, add_months(end, -24), end)
            and any(person.hired_on <= add_months(end, -24) and (person.left_on is None or person.left_on >= end) for person in employments)
        }
        both = members[year] | members[year - 1]
        for population, people in (("everyone", both), ("like_for_like", present & both)):
            if people:
                yield _compared(ledger, year, population, people) | {"rep_count": len(people & members[year] - {UNKNOWN})}


def _compared(ledger: Ledger, year: int, population: str, people: set[str]) -> Row:
    revenue, before_revenue = (sum(ledger.sold.get((user, one), (0, 0))[0] for user in people) for one in (year, year - 1))
    cost, before_cost = (sum(ledger.cost.get((user, one), 0) for user in people) for one in (year, year - 1))
    return {
        "fiscal_year": year,
        "population": population,
        "basis": ledger.facts.basis,
        "revenue_amount": decimal(revenue),
        "before_revenue_amount": decimal(before_revenue),
        "revenue_change_pct": ratio(100 * (revenue - before_revenue), before_revenue),
        "cost_amount": decimal(cost),
        "before_cost_amount": decimal(before_cost),
        "value_ratio": value_ratio(revenue, cost),
        "before_value_ratio": value_ratio(before_revenue, before_cost),
        "metric_versions": VERSIONS,
    }
