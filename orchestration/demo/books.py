"""The books of the simulated company, kept by people: mostly what payroll, claims and spend say, and now and then not.

Belongs here: what the ledger says, and its differences from the files. Doesn't: how the files are delivered (`changes`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from orchestration.demo.calendar import AS_OF, month_of
from orchestration.demo.events import UNKNOWN, Person, World
from orchestration.demo.money import decimal, from_float, shares
from orchestration.demo.plan_events import Balance

KINDS = ("payroll", "expenses", "marketing")
_ACCOUNTS = {"payroll": "6000", "expenses": "6100"}
_NO_COST = ("rejected", "withdrawn")
Place = tuple[dt.date, str, str, str]
Row = dict[str, Any]


def cost_centre(person: Person | None) -> str:
    """Of the person's job."""
    return UNKNOWN if person is None else "SALES" if person.rep_role else "GENERAL"


def in_files(world: World) -> dict[Place, int]:
    """What the files come to by month, cost centre, kind and currency."""
    sums: dict[Place, int] = defaultdict(int)
    people = {person.employee_number: person for person in world.people}
    for item in world.pay:
        sums[item.month_on, cost_centre(people[item.employee_number]), "payroll", item.currency] += item.amount
    for expense in world.expenses:
        if expense.status not in _NO_COST:
            sums[month_of(expense.spent_on), cost_centre(expense.claimant), "expenses", expense.currency] += expense.amount
    for spend in world.spends:
        sums[spend.month_on, UNKNOWN, "marketing", spend.currency] += spend.amount
    return dict(sums)


def build_books(world: World) -> None:
    """Every 13th balance has a part in the other centre, every 17th forgets some, every 19th has an accrual that no file tells."""
    for number, ((month_on, centre, kind, currency), amount) in enumerate(sorted(in_files(world).items())):
        account = f"{_ACCOUNTS[kind]}-{currency}" if kind in _ACCOUNTS else kind if currency == "USD" else f"{kind}-{currency}"
        booked = {"MARKETING" if kind == "marketing" else centre: amount}
        if number % 13 == 4 and kind != "marketing":
            part = amount // 4
            booked = {centre: amount - part, "BOARD": part}
        elif number % 17 == 5:
            booked = {name: whole - from_float(33.33) for name, whole in booked.items()}
        elif number % 19 == 6:
            booked = {name: whole + from_float(120) for name, whole in booked.items()}
        for name, whole in booked.items():
            world.balances.append(Balance(account, kind, name, month_on, whole, currency))


def ledger_tie(world: World) -> Iterator[Row]:
    """The books beside the files, and what the difference is."""
    files, books = in_files(world), defaultdict[Place, int](int)
    for balance in world.balances:
        centre = UNKNOWN if balance.kind == "marketing" else balance.cost_centre
        books[balance.month_on, centre, balance.kind, balance.currency] += balance.amount
    gaps = {place: files.get(place, 0) - books.get(place, 0) for place in sorted(files.keys() | books.keys()) if place[0] < AS_OF}
    elsewhere = _elsewhere(gaps)
    for place, gap in gaps.items():
        crossed = elsewhere.get(place, 0)
        yield dict(zip(("month_on", "cost_centre", "ledger_kind", "currency"), place, strict=True)) | {
            "books_amount": decimal(books.get(place, 0)),
            **{f"{kind}_amount": decimal(files.get(place, 0) if place[2] == kind else 0) for kind in KINDS},
            "files_less_books_amount": decimal(gap),
            "not_in_books_amount": decimal(max(gap, 0) - max(crossed, 0)),
            "not_in_files_amount": decimal(max(-gap, 0) - max(-crossed, 0)),
            "other_cost_centre_amount": decimal(crossed),
        }


def _elsewhere(gaps: dict[Place, int]) -> dict[Place, int]:
    """Of each difference, what another cost centre of the month has: as much as both sides have, by the size of the differences."""
    found: dict[Place, int] = {}
    for month_on, kind, currency in sorted({(place[0], place[2], place[3]) for place in gaps}):
        of_kind = {place: gap for place, gap in gaps.items() if (place[0], place[2], place[3]) == (month_on, kind, currency)}
        sides = [{place: gap for place, gap in of_kind.items() if gap * sign > 0} for sign in (1, -1)]
        crossed = min(sum(abs(gap) for gap in side.values()) for side in sides)
        for sign, side in zip((1, -1), sides, strict=True):
            if side:
                parts = shares(crossed, [abs(gap) for gap in side.values()])
                found |= {place: sign * part for place, part in zip(side, parts, strict=True)}
    return found
