"""What makes a rep's cost a loaded one: shares of pools, the hours of coaches, the share of the manager. Worked out day by day.

Belongs here: who carries how much of what nobody was paid for alone. Doesn't: pay and expenses (`facts`).

Where the rules leave room, this is how they are read:
- A day of long leave carries nothing; of a part of it, the rest of the day does.
- A month takes the rule that holds on its first day. A rep without an employee number carries nothing, since the days aren't known.
- A coach's hour costs the month's pay and expenses (without what is paid once or for leave) by the hours that the coach worked in the month, 160
  of full time; it goes before the manager's share.
- A manager's share is of pay and expenses alone: what a manager carries of others stays there. Of the days of the month that the manager was employed
  (all of it, where none) those count on which anybody reported who was not on leave all day.
- Parts of equal remainder: the lowest CRM user id gets the ten-thousandth.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import add_months, month_of
from orchestration.demo.events import UNKNOWN, Person
from orchestration.demo.money import UNIT, shares
from orchestration.demo.plan_events import AllocationRule, Pool

if TYPE_CHECKING:
    from orchestration.demo.facts import Costs, Facts

PAID_ONCE = ("severance", "sign_on", "recruiting", "paid_leave")
HOURS_MONTH = 160
ONE_DAY = dt.timedelta(days=1)
Carrier = tuple[str, str]
Amounts = tuple[int, int]
Paid = tuple[str, str, dt.date, str, bool]


@dataclass(frozen=True)
class Presence:
    """A month of an employment: its days, and how much of them is leave in percent."""

    carrier: Carrier
    person: Person
    days: tuple[dt.date, ...]
    away: Mapping[dt.date, int]

    @cached_property
    def headcount(self) -> int:
        """Days, without leave, in percent of one."""
        return sum(100 - self.away[day] for day in self.days)

    @cached_property
    def full_time(self) -> int:
        """The same by the share of full time, in ten-thousandths of a day."""
        return sum(full_time_pct(self.person, day) * (100 - self.away[day]) for day in self.days)


def load(facts: "Facts", costs: "Costs") -> None:
    """Add to what everybody was paid and spent what they carry of the rest."""
    paid, present = _paid(costs), facts.present
    for pool in facts.world.pools:
        _share_pool(facts, costs, pool, present.get(pool.month_on, []))
    _coach(facts, costs, paid, present)
    _manage(facts, costs, paid, present)


def _paid(costs: "Costs") -> dict[Paid, Amounts]:
    """What payroll and expenses say that a rep cost in a month, without what is paid once; estimates apart."""
    paid: dict[Paid, Amounts] = defaultdict(lambda: (0, 0))
    for (user, number, month_on, component, currency), (amount, local) in costs.rows.items():
        if user != UNKNOWN and component not in PAID_ONCE:
            guessed = costs.estimated.get((user, number, month_on, component, currency), [0, 0])
            for is_estimated, part in ((False, (amount - guessed[0], local - guessed[1])), (True, tuple(guessed))):
                before = paid[user, number, month_on, currency, is_estimated]
                paid[user, number, month_on, currency, is_estimated] = (before[0] + part[0], before[1] + part[1])
    return dict(paid)


def present(facts: "Facts") -> dict[dt.date, list[Presence]]:
    """By month, who was employed on which days of it, by user and employee number."""
    found: dict[dt.date, list[Presence]] = defaultdict(list)
    for person in facts.world.people:
        user = (person.first or person).crm_user_id
        if person.employee_number is None or user not in facts.reps:
            continue
        for month_on in facts.world.calendar.months:
            days = [month_on + number * ONE_DAY for number in range((add_months(month_on, 1) - month_on).days)]
            employed = tuple(day for day in days if person.is_employed_on(day))
            if employed:
                away = {day: facts.leave.get((person.employee_number, day), (0, True))[0] for day in employed}
                found[month_on].append(Presence((user or "", person.employee_number), person, employed, away))
    return {month_on: sorted(presences, key=lambda one: one.carrier) for month_on, presences in found.items()}


def _rule(facts: "Facts", kind: str, month_on: dt.date) -> AllocationRule | None:
    """The rule that holds on the day; the earliest reaches back."""
    rules = sorted((rule for rule in facts.world.rules if rule.kind == kind), key=lambda rule: rule.effective_on)
    return next((rule for rule in reversed(rules) if rule.effective_on <= month_on), rules[0] if rules else None)


def _share_pool(facts: "Facts", costs: "Costs", pool: Pool, present: list[Presence]) -> None:
    amount = in_basis(facts.world, facts.basis, pool.amount, pool.currency, pool.month_on)
    rule = _rule(facts, pool.kind, pool.month_on)
    weights = {one.carrier: weight for one in present if rule and (weight := _weight(facts, rule.key, one, present)) > 0}
    if rule is None or not weights:
        costs.nobodys += amount
        return
    for_reps = tuple(shares(whole, [rule.pct, 100 - rule.pct])[0] for whole in (amount, pool.amount))
    costs.nobodys += amount - for_reps[0]
    _carry(costs, pool.kind, pool.month_on, pool.currency, for_reps, weights)


def _weight(facts: "Facts", key: str | None, one: Presence, present: list[Presence]) -> int:
    if key == "headcount":
        return one.headcount
    if key == "full_time":
        return one.full_time
    is_last = one is max((other for other in present if other.carrier[0] == one.carrier[0]), key=lambda other: (other.days[-1], other.carrier))
    return facts.sold_in.get((one.carrier[0], month_of(one.days[0])), 0) if is_last else 0


def full_time_pct(person: Person, day: dt.date) -> int:
    """What share of full time the job has; the earliest one reaches back."""
    if len(person.jobs) == 1:
        return person.jobs[0].full_time_pct
    jobs = sorted(person.jobs, key=lambda job: job.effective_on)
    return next((job.full_time_pct for job in reversed(jobs) if job.effective_on <= day), jobs[0].full_time_pct if jobs else 100)


def _carry(costs: "Costs", component: str, month_on: dt.date, currency: str, amounts: tuple[int, ...], weights: dict[Carrier, int]) -> None:
    parts = [shares(amount, list(weights.values())) for amount in amounts]
    for (user, number), amount, local in zip(weights, *parts, strict=True):
        costs.add((user, number, month_on, component, currency), amount, local)


def _coach(facts: "Facts", costs: "Costs", paid: dict[Paid, Amounts], present: dict[dt.date, list[Presence]]) -> None:
    """Sessions cost what they say, and the coach's hours; these leave the coach, whose month in `paid` is less by them."""
    hours: dict[tuple[str, dt.date], dict[Carrier, int]] = defaultdict(lambda: defaultdict(int))
    for session in facts.world.sessions:
        month_on = month_of(session.session_on)
        carrier = _employed_as(facts, session.crm_user_id, present.get(month_on, []))
        amount = in_basis(facts.world, facts.basis, session.amount, session.currency, session.session_on)
        costs.add((*carrier, month_on, "coaching", session.currency), amount, session.amount)
        if session.coached_by != session.crm_user_id:
            hours[session.coached_by, month_on][carrier] += session.hours
    for key, whole in sorted(paid.items()):
        coached = dict(sorted(hours.get((key[0], key[2]), {}).items()))
        if coached:
            whole_month = 100 * 100 * (add_months(key[2], 1) - key[2]).days
            worked = [one.full_time for one in present.get(key[2], []) if one.carrier[0] == key[0]]
            weights = [hours * whole_month for hours in coached.values()]
            weights.append(max(0, HOURS_MONTH * UNIT * (sum(worked) if worked else whole_month) - sum(weights)))
            parts = [shares(amount, weights)[:-1] for amount in whole]
            _move(costs, paid, key, "coaching", list(coached), parts)


def _employed_as(facts: "Facts", user: str, present: list[Presence]) -> Carrier:
    """Under the number that the rep had last in the month, else has now."""
    numbers = [(one.days[-1], one.carrier[1]) for one in present if one.carrier[0] == user]
    person = facts.persons[user]
    return user, max(numbers)[1] if numbers else (person.second or person).employee_number or UNKNOWN


def _move(costs: "Costs", paid: dict[Paid, Amounts], key: Paid, component: str, carriers: list[Carrier], parts: list[list[int]]) -> None:
    user, number, month_on, currency, is_estimated = key
    for carrier, amount, local in zip(carriers, *parts, strict=True):
        costs.add((*carrier, month_on, component, currency), amount, local, is_estimated)
    gone = (sum(parts[0]), sum(parts[1]))
    costs.add((user, number, month_on, component, currency), -gone[0], -gone[1], is_estimated)
    paid[key] = (paid[key][0] - gone[0], paid[key][1] - gone[1])


def _manage(facts: "Facts", costs: "Costs", paid: dict[Paid, Amounts], present: dict[dt.date, list[Presence]]) -> None:
    """The rule's part of a manager's days on which anybody reported goes by days to whoever was employed and did."""
    days: dict[tuple[str, dt.date], dict[Carrier, int]] = defaultdict(lambda: defaultdict(int))
    led: dict[str, set[dt.date]] = defaultdict(set)
    for month_on, presences in present.items():
        for one in presences:
            for day in one.days:
                manager = facts.version_on(one.carrier[0], day).manager_id
                if manager is not None and manager != one.carrier[0]:
                    days[manager, month_on][one.carrier] += 100 - one.away[day]
                    led[manager] |= {day} if one.away[day] < 100 else set()
    for key, left in sorted(paid.items()):
        managed = {carrier: weight for carrier, weight in days.get((key[0], key[2]), {}).items() if weight}
        rule = _rule(facts, "management", key[2])
        if managed and rule is not None:
            month = [key[2] + number * ONE_DAY for number in range((add_months(key[2], 1) - key[2]).days)]
            employed = next((one.days for one in present.get(key[2], []) if one.carrier == (key[0], key[1])), month)
            part = rule.pct * sum(day in led[key[0]] for day in employed)
            halves = [shares(amount, [part, 100 * len(employed) - part])[0] for amount in left]
            _move(costs, paid, key, "management", list(managed), [shares(half, list(managed.values())) for half in halves])
