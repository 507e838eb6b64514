"""The books of the simulated company, kept by people: mostly what payroll, claims and spend say, and now and then not.

Belongs here: what the ledger says, and its differences from the files. Doesn't: how the files are delivered (`changes`).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from orchestration.demo.calendar import AS_OF, month_of
from orchestration.demo.events import UNKNOWN, Person, World
from orchestration.demo.money import decimal, from_float
from orchestration.demo.plan_events import Balance, Place, Slip

KINDS = ("payroll", "expenses", "marketing")
_ACCOUNTS = {"payroll": "6000", "expenses": "6100"}
_NO_COST = ("rejected", "withdrawn")
Row = dict[str, Any]


def cost_centre(person: Person | None) -> str:
    """Of the person's job."""
    return UNKNOWN if person is None else "SALES" if person.rep_role else "GENERAL"


def in_files(world: World) -> dict[Place, int]:
    """What the files come to by month, cost centre, kind and currency."""
    sums: dict[Place, int] = defaultdict(int)
    people = {person.employee_number: person for person in world.people}
    for item in world.pay:
        for month_on, amount in item.by_month(item.amount).items():
            sums[month_on, cost_centre(people[item.employee_number]), "payroll", item.currency] += amount
    for expense in world.expenses:
        if expense.status not in _NO_COST:
            sums[month_of(expense.spent_on), cost_centre(expense.claimant), "expenses", expense.currency] += expense.amount
    for spend in world.spends:
        sums[spend.month_on, UNKNOWN, "marketing", spend.currency] += spend.amount
    return dict(sums)


def build_books(world: World) -> None:
    """Every 13th balance has a part in the other centre, every 17th forgets some, every 19th has an accrual that no file tells."""
    for number, (place, amount) in enumerate(sorted(in_files(world).items())):
        month_on, centre, kind, currency = place
        account = f"{_ACCOUNTS[kind]}-{currency}" if kind in _ACCOUNTS else kind if currency == "USD" else f"{kind}-{currency}"
        name = "MARKETING" if kind == "marketing" else centre
        booked = {name: amount}
        if number % 13 == 4 and kind != "marketing":
            part = amount // 4
            booked = {centre: amount - part, "BOARD": part}
            world.slips += [Slip("other_cost_centre", place, part), Slip("other_cost_centre", (month_on, "BOARD", kind, currency), -part)]
        elif number % 17 == 5:
            forgotten = from_float(33.33)
            booked = {name: amount - forgotten}
            world.slips.append(Slip("not_in_books", place, forgotten))
        elif number % 19 == 6:
            accrual = from_float(120)
            booked = {name: amount + accrual}
            world.slips.append(Slip("not_in_files", place, accrual))
        for name, whole in booked.items():
            world.balances.append(Balance(account, kind, name, month_on, whole, currency))


def ledger_tie(world: World) -> Iterator[Row]:
    """The books beside the files; why they differ is what happened to the books, and not worked out from the difference."""
    files, books = in_files(world), defaultdict[Place, int](int)
    for balance in world.balances:
        centre = UNKNOWN if balance.kind == "marketing" else balance.cost_centre
        books[balance.month_on, centre, balance.kind, balance.currency] += balance.amount
    slips: dict[tuple[str, Place], int] = defaultdict(int)
    for slip in world.slips:
        slips[slip.kind, slip.place] += slip.amount
    for place in sorted(files.keys() | books.keys()):
        if place[0] < AS_OF:
            yield dict(zip(("month_on", "cost_centre", "ledger_kind", "currency"), place, strict=True)) | {
                "books_amount": decimal(books.get(place, 0)),
                **{f"{kind}_amount": decimal(files.get(place, 0) if place[2] == kind else 0) for kind in KINDS},
                "files_less_books_amount": decimal(files.get(place, 0) - books.get(place, 0)),
                **{f"{kind}_amount": decimal(slips.get((kind, place), 0)) for kind in ("not_in_books", "not_in_files", "other_cost_centre")},
            }
