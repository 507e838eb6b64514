"""What a way back is made of: amounts, their lines, the sums that must tie.

Belongs here: these words, and the rules that several answers share. Doesn't: the way of any column.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from orchestration.explain.sql import Among, units
from orchestration.fiscal_years import FiscalYears
from orchestration.landing.readers import literal

Where = dict[str, Any]
"""Column → the value that it must have."""

ORDER_LINE, LINE, GOAL = "order line", "line", "goal"
"""What a trail's rows are: they name an order line, are delivered lines themselves, or versions of goals."""
SPLIT, TIMES = "split_pct", "times"
"""What a trail of order lines may say beside: which share of the line a rep has, and how often a book counts it."""

CARRIED_BY = ("carried_key", "carried_pct", "carried_weight", "carried_weight_total", "rule_file", "rule_line")
"""What a trail of cost says of a line that is carried for others: by which key, what part of it, by which weight of all, and the rule's line."""
SHARE_ENDS = ("carrier_crm_user_id", "carrier_employee_number", "from_crm_user_id", "from_employee_number")
"""Who carries such a share, and out of whose month it is."""

HOLDERS: dict[str, str | None] = {"rep": "crm_user_id", "team": "team_id", "manager": "manager_crm_user_id", "territory": "territory_id", "company": None}
"""The column that names each kind of holder in a trail; everything is the company's."""

SHARED = "revenue goes to who sold the line: by the revenue split of its opportunity on the line's date, else to the order's rep"
WON = "a customer belongs for ever to the rep of its first line that a rep sold, or to whom the source declares"
OWNED = "revenue goes to who owned the account on the last day of the period (as_was), or owns it now (as_is), whoever sold it"
COST = (
    "pay items by the month that they are for (of several months each by its days, to the cent, the last month the rest), expense lines by the day spent, "
    "rejected and withdrawn ones left out"
)
CARRIED = (
    "beside them the rep's share of tools and overhead by the allocation rule, coaching by its hours, and of the manager by days, "
    "for those of the manager's days on which anybody reported (until version 3 of rep_cost: for all of the month)"
)
APART = "what is paid once (severance, sign-on, recruiting), and for long leave, is in no person's year"
LEAVE = "of pay for days (base, taxes, benefits, other) the days of paid leave are apart: their share of the month's paid days, to 4 decimals"
NOT_MEASURED = "not measured yet: null in every row"

ANNUAL = (
    "net amount ÷ months of the term × 12; whole without a term; a refund within it takes off the part of the sale's annual value that it ends of the rest "
    "(until version 1 of acv: by the term, too), beyond that and after the term by the term of what it refunds, never more than is left"
)
DECLARED = {
    "acv": f"annual contract value, in the year of the order: {ANNUAL}",
    "booked": "booked, before a partner's part, in the year of the order",
    "recognised": "recognised by the days of the term, in each of its years; a line without one on its day",
    "invoiced": "invoiced, in the year of the invoice, at the rate of the order line's day",
    "collected": "collected, in the year of the collection, at the rate of the order line's day",
}
"""The amounts of contracts that a company may declare as its measure."""

_BASES = {
    "constant": ("constant: each line's own money at the one rate of its currency",),
    "real": ("real: each line's nominal amount × the price index of the base month ÷ that of its month, to 4 decimals",),
}


def held_by(holder_type: str, holder_id: str) -> Where:
    """The rows of a trail that are a holder's. In a territory of the tree count those that stood below it in the year."""
    if holder_type == "territory_tree":
        tree = f"select territory_id, lens, fiscal_year from core.core_territory_tree where tree_territory_id = {literal(holder_id)}"
        return {"territory_tree": Among(("territory_id", "lens", "fiscal_year"), tree)}
    column = HOLDERS[holder_type]
    return {} if column is None else {column: holder_id}


def in_basis(column: str, basis: str) -> str:
    """The column of a line or a sum that has the amount in a basis."""
    return column if basis == "nominal" else f"{basis}_{column}"


def carried_share(basis: str) -> tuple[str, str]:
    """What a rep carries of a line of cost that is shared; null is all of it."""
    return units(in_basis("share_amount", basis)), units(in_basis("share_whole_amount", basis))


def basis_rules(basis: str) -> tuple[str, ...]:
    """How a line gets into the money of a basis; nothing of the nominal one."""
    return _BASES.get(basis, ())


@dataclass(frozen=True)
class Sum:
    """A sum that must be the part's total. amount: an SQL expression over the table's rows."""

    table: str
    amount: str
    where: Where


@dataclass(frozen=True)
class Part:
    """One of the amounts that a figure is made of, and its delivered lines.

    total: as it is published. trail: a relation of its lines, an order line's money being looked up in core_order_line; amount: what a row
    of it adds, an SQL expression; share: what of that the line has, if it is in the figure only in part: (numerator, denominator), SQL of whole
    numbers; null is all of it.
    says: which of SPLIT and TIMES the trail has. money: of a trail of lines, its columns with the amount as delivered, and in the reporting
    currency. sums: tables on the way, which must have the same total. sign: -1 for what is taken off. basis: in which money all of it is.
    is_in_part: a line of the trail may be a part of the delivered one, the other being for leave (or for work); line_* has the whole.
    standard: of a standard cost the rep whose it is, and the fiscal year unless it is all of them.
    """

    name: str
    total: Any
    trail: str
    amount: str
    where: Where
    kind: str = ORDER_LINE
    share: tuple[str, str] | None = None
    sums: tuple[Sum, ...] = ()
    rules: tuple[str, ...] = ()
    sign: int = 1
    says: tuple[str, ...] = ()
    money: tuple[str, str] = ("cost_local_amount", "cost_amount")
    basis: str = "nominal"
    is_in_part: bool = False
    standard: Where | None = None


@dataclass(frozen=True)
class Way:
    """What a cell is made of. rule: how the parts make the value. versions: (entity, key columns) of the rows that a text was read from."""

    parts: tuple[Part, ...] = ()
    rule: str = ""
    versions: tuple[tuple[str, Where], ...] = ()


@dataclass(frozen=True)
class Dates:
    """What a way must know of time. as_of: the publication's; start_month: of the fiscal year; calendar: where the company has one, its years."""

    as_of: dt.date
    start_month: int
    calendar: FiscalYears = field(default_factory=FiscalYears)

    def read_on(self, lens: str, year: int) -> dt.date:
        """The day on which a lens other than as_sold reads a fiscal year."""
        end = self.calendar.end(year) or dt.date(year + (self.start_month == 1), self.start_month, 1) if lens == "as_was" else self.as_of
        return min(end, self.as_of) - dt.timedelta(days=1)

    @property
    def book_rule(self) -> str:
        """How what was held at the ends of months makes a book."""
        days = "times the days of each month or part of one: " if self.calendar.years else ""
        return f"{days}summed, ÷ {self.book_divisor}, to 4 decimals"

    @property
    def book_divisor(self) -> str:
        """What the sum over a year is divided by: its twelve months, or under a calendar its days."""
        return "365" if self.calendar.years else "12"
