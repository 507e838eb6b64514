"""The true answers about who is who: which id is really another one, what nobody could match, what another source answers for.

Belongs here: `id_alias`, `unmatched_identity`, `taken_over`. Doesn't: who is one rep or one account (`identities`, `crm_change`).

Where the rules leave room, this is how they are read:
- A line is told by the CRM that answers for its day; the new one's copies of the month of both are taken over by the old one.
- Who has no employee number in the CRM is matched by e-mail.
- A claim by nobody known is its report's, since e-mails stay out of what is published. Costs are dated by their month.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from orchestration.demo.calendar import month_of
from orchestration.demo.crm_change import NEW, OLD, crosswalk, new_id
from orchestration.demo.events import UNKNOWN, Person, World
from orchestration.demo.facts import NO_COST, Facts, Sale
from orchestration.demo.marketing import reporting
from orchestration.demo.money import decimal
from orchestration.demo.truth import Row


def id_alias(facts: Facts) -> Iterator[Row]:
    """A row an id that figures show under another one."""
    world, found = facts.world, dict[tuple[str, str], tuple[str, str]]()
    deals = {deal.opportunity_id: deal.merged_into.opportunity_id for deal in world.opportunities if deal.merged_into is not None}
    for loser in world.merged_early:
        found["account", loser] = (world.merged[loser], "merged")
    for loser, survivor in deals.items():
        found["opportunity", loser] = (survivor, "merged")
    for _, (kind, alias), row in crosswalk(world):
        if kind != "claimant" and row is not None:
            shown = str(row["to_id"])
            found[kind, alias] = (deals.get(shown, shown), "crosswalk")
    for person in world.users:
        _own_ids(world, person, found)
    for (kind, alias), (shown, basis) in found.items():
        yield {"id_kind": kind, "alias_id": alias, "shown_id": shown, "match_basis": basis}


def _own_ids(world: World, person: Person, found: dict[tuple[str, str], tuple[str, str]]) -> None:
    """A user's id in the new CRM, and the employee numbers."""
    shown, basis = person.crm_user_id or "", "e-mail" if person.crm_employee_number is None else "employee number"
    change = world.crm_change
    is_moved = change is not None and person.hired_on < change.on and (person.left_on is None or person.left_on >= change.both_from_on)
    if is_moved:
        found.setdefault(("crm_user", new_id(shown)), (shown, basis))
    if person.employee_number is not None:
        found["employee", person.employee_number] = (shown, basis)
    if person.second is not None and person.second.employee_number is not None:
        found["employee", person.second.employee_number] = (shown, "employee number")


def unmatched_identity(facts: Facts) -> Iterator[Row]:
    """A row an id, source and reason, with the money that hangs on it."""
    for (kind, one, source, reason), days, amount in _summed(_unmatched_sales(facts)):
        yield _unmatched(kind, one, source, reason, days) | {"revenue_amount": decimal(amount), "cost_amount": None}
    for (kind, one, source, reason), days, amount in _summed(_unmatched_costs(facts)):
        yield _unmatched(kind, one, source, reason, days) | {"revenue_amount": None, "cost_amount": decimal(amount)}


def _unmatched(kind: str, one: str, source: str, reason: str, days: list[dt.date]) -> Row:
    return {"id_kind": kind, "id": one, "source": source, "reason": reason} | _span(days)


def _unmatched_sales(facts: Facts) -> Iterator[tuple[str, str, str, str, dt.date, int]]:
    change = facts.world.crm_change
    for sale in facts.sales:
        source = OLD if change is None or sale.on < change.on else NEW
        for user, revenue, _ in sale.sellers:
            person = facts.persons.get(user)
            if user == UNKNOWN:
                named = sale.line.seller_id
                yield "crm_user", named or UNKNOWN, source, "no such CRM user" if named else "no seller named", sale.on, revenue
            elif person is not None and (person.second or person).employee_number is None:
                yield "crm_user", user, source, "a rep without an employee", sale.on, revenue


def _unmatched_costs(facts: Facts) -> Iterator[tuple[str, str, str, str, dt.date, int]]:
    world = facts.world
    lacking = {person.employee_number for person in world.people if person.crm_user_id is None and person.first is None and person.rep_role is not None}
    for item in world.pay:
        if item.employee_number in lacking:
            amount = reporting(world, item.amount, item.currency, item.month_on)
            yield "employee", item.employee_number, "payroll", "a rep without a CRM user", item.month_on, amount
    for expense in world.expenses:
        amount, on = reporting(world, expense.amount, expense.currency, expense.spent_on), month_of(expense.spent_on)
        if expense.status in NO_COST:
            continue
        if expense.claimant is None:
            yield "claimant", expense.report_id, "expenses", "no such claimant", on, amount
        elif expense.claimant.employee_number in lacking:
            yield "employee", expense.claimant.employee_number or "", "expenses", "a rep without a CRM user", on, amount


def taken_over(facts: Facts) -> Iterator[Row]:
    """A row a currency: the new CRM's copies of lines of the month of both."""
    change = facts.world.crm_change
    copies = [sale for sale in facts.sales if change is not None and change.both_from_on <= sale.on < change.on]
    local = {key: amount for key, _, amount in _summed((sale.line.currency, sale.on, sale.line.booked) for sale in copies)}
    for (currency,), days, amount in _summed((sale.line.currency, sale.on, _booked(facts, sale)) for sale in copies):
        key = {"entity": "order_line", "source": NEW, "currency": currency}
        yield key | _span(days) | {"taken_over_local_amount": decimal(local[currency,]), "taken_over_amount": decimal(amount)}


def _booked(facts: Facts, sale: Sale) -> int:
    """With what a partner keeps: a copy that doesn't count is told as it was booked."""
    return reporting(facts.world, sale.line.booked, sale.line.currency, sale.on)


def _span(days: list[dt.date]) -> Row:
    return {"row_count": len(days), "first_on": min(days), "last_on": max(days)}


def _summed(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[str, ...], list[dt.date], int]]:
    """For each key: the days of its rows, and their sum. A row is its key, its day and its amount."""
    days, sums = dict[tuple[str, ...], list[dt.date]](), dict[tuple[str, ...], int]()
    for *key, day, amount in rows:
        days.setdefault(tuple(key), []).append(day)
        sums[tuple(key)] = sums.get(tuple(key), 0) + amount
    for one, found in days.items():
        yield one, found, sums[one]
