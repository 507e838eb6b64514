"""The way back of contracts: what they are worth, and what became of the money.

Belongs here: `contract_value`, `deal_bridge`. Doesn't: other answers, running a way.
"""

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import ANNUAL, LINE, SHARED, Dates, Part, Way, basis_rules

_NET = "booked less what a partner keeps, refunds off, at the rate of the line's day"
_DAYS = "by the days of the term, half-open; a refund within it takes back the rest by days, and only what goes beyond that at once"
_PAID = "at the rate of the order line's day; a payment of an order by what its lines were sold for"
_WON = "a deal at the rate of the day on which it was won, by the line that says last what became of it; an order line at the rate of its day"
_AT_WIN = "lines are compared with their deal at the rate of their currency on the day of the win"
_LINES = {
    "tcv_amount": _NET,
    "acv_amount": ANNUAL,
    "bookings_amount": "booked, refunds off, at the rate of the line's day",
    "partner_share_amount": "what a partner keeps, at the rate of the line's day",
    "recognised_amount": f"{_NET}; {_DAYS}; up to the as-of date",
    "unrecognised_amount": f"{_NET}; {_DAYS}; from the as-of date on",
    "early_terminated_amount": "what a refund within the term takes back of what was still to come",
}
_PAYMENTS = {
    "invoiced_amount": _PAID,
    "collected_amount": _PAID,
    "written_off_amount": f"{_PAID}; without a day, on the one since when the row holds",
    "open_amount": f"invoiced, less collected and written off, of payments that began in the year; {_PAID}",
}


def contract(cell: Cell, _: Dates) -> Way:
    """An amount by the order lines, or by the payments, that have a part in it."""
    key, column, basis = dict(cell.key), cell.column, cell.row["basis"]
    in_money = basis_rules(basis)
    if column in _LINES:
        lines = f"(select * from trail.trail_contract where {column} <> 0)"
        return Way((Part(column, cell.value, lines, column, key, rules=(_LINES[column], SHARED, *in_money), basis=basis),))
    payments = f"(select * from trail.trail_payment where {column} <> 0)"
    rules, money = (_PAYMENTS[column], SHARED, *in_money), ("payment_local_amount", "payment_amount")
    return Way((Part(column, cell.value, payments, column, key, LINE, rules=rules, money=money, basis=basis),))


def bridge(cell: Cell, _: Dates) -> Way:
    """A step by the deals and the order lines that have a part in it."""
    if cell.column != "bridge_amount":
        return Way(rule="the place of the step in the bridge, as its description says it")
    basis, money = cell.row["basis"], ("local_amount", "reporting_amount")
    rules = (_WON, _AT_WIN, "a refund is of no deal; `booked` is before a partner's part, `net` without it", *basis_rules(basis))
    return Way((Part(cell.column, cell.value, "trail.trail_deal_bridge", cell.column, dict(cell.key), LINE, rules=rules, money=money, basis=basis),))
