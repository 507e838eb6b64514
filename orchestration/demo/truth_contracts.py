"""The true worth of contracts: sold, annualised, booked, recognised, invoiced and collected, each by itself.

Belongs here: `contract_value` from the events. Doesn't: who sold what (`facts`), what happened to deals (`truth_deals`).

Where the rules leave room, this is how they are read:
- A contract earns by days, half-open; up to a day it has earned its amount × days so far ÷ days, and in a year the difference of two of these.
- A refund within the term takes from the rest that is still to come, by days from its own day on and in the sale's own money, and gives back
  at once what goes beyond it.
  An earlier refund of the same sale leaves that much less. A refund of a refund is one of the sale.
- Of the sale's annual value it takes the part that it ends of the rest, beyond the rest by the whole term; all of a sale's refunds together take
  no more than that value.
- A payment is of its line's day, in money; one of an order is of the lines that brought anything, by what they brought.
- A payment is open in the year in which it began. Each rep has the share that the split gives of the line.
- Each basis is reckoned by itself, of the line's own day: a contract's years add up to what was sold, and a payment is of the sale's prices.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import AS_OF, add_months, fiscal_year, fiscal_year_end
from orchestration.demo.events import Line, Payment
from orchestration.demo.facts import Facts, Sale
from orchestration.demo.lenses import ONE_DAY
from orchestration.demo.money import decimal, half_away, shares
from orchestration.demo.truth import Row

AMOUNTS = (
    "tcv_amount",
    "acv_amount",
    "bookings_amount",
    "partner_share_amount",
    "recognised_amount",
    "unrecognised_amount",
    "early_terminated_amount",
    "invoiced_amount",
    "collected_amount",
    "written_off_amount",
    "open_amount",
)
Key = tuple[str, int, str]


@dataclass(frozen=True)
class Part:
    """What one rep sold of a line: kept by the company, and by a partner."""

    user: str
    kept: int
    partner: int


@dataclass(frozen=True)
class Term:
    """The months that a line's money is for. ends_on: None for what is earned at once; ended: what a refund takes of the rest, in the line's own money;
    annual: what it takes of the sale's annual value, in that money, too."""

    months: int | None
    ends_on: dt.date | None
    ended: int | None = None
    annual: int | None = None


def sold_parts(facts: Facts, sale: Sale) -> list[Part]:
    """The line, once for each who sold a part."""
    partner = partner_part(facts, sale)
    given = shares(partner, list(facts.sharing(sale.line).values()))
    return [Part(user, kept, part) for (user, kept, _), part in zip(sale.sellers, given, strict=True)]


def partner_part(facts: Facts, sale: Sale) -> int:
    """What a partner keeps of the line."""
    return in_basis(facts.world, facts.basis, sale.line.partner, sale.line.currency, sale.on)


def _own_money(line: Line) -> int:
    """What the company kept of the line, in its currency."""
    return line.booked - line.partner


def type_of(line: Line) -> str:
    """Of the deal that remains."""
    return (line.opportunity.merged_into or line.opportunity).kind if line.opportunity else "none"


def earned(spread: int, sold_on: dt.date, ends_on: dt.date, start_month: int) -> Iterator[tuple[dt.date, int]]:
    """What of an amount was earned in each fiscal year of its term up to the as-of date, with the last day of it."""
    before = 0
    for year in range(fiscal_year(sold_on, start_month), fiscal_year(AS_OF - ONE_DAY, start_month) + 1):
        until = min(fiscal_year_end(year, start_month), AS_OF, ends_on)
        so_far = half_away(spread * (until - sold_on).days, (ends_on - sold_on).days)
        yield until - ONE_DAY, so_far - before
        before = so_far
        if until == ends_on:
            return


class Contracts:
    """Sums by (rep, fiscal year, type)."""

    def __init__(self, facts: Facts, start_month: int) -> None:
        self.facts, self.start_month = facts, start_month
        self.sale_of = {sale.line.line_id: sale for sale in facts.sales}
        self.given_before: dict[int, int] = defaultdict(int)
        self.annual_before: dict[int, int] = defaultdict(int)
        self.of_accounts: dict[tuple[str, int], int] = defaultdict(int)
        self.sums: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(AMOUNTS, 0))
        # As the models order refunds of one day: by id, as text.
        for sale in sorted(facts.sales, key=lambda sale: (sale.on, str(sale.line.line_id))):
            term = self._term(sale)
            for part in sold_parts(facts, sale):
                self._sell(sale, term, part)
        for payment in facts.world.payments:
            self._pay(payment)

    def _add(self, user: str, day: dt.date, line: Line, **amounts: int) -> None:
        member = self.sums[user, fiscal_year(day, self.start_month), type_of(line)]
        for name, amount in amounts.items():
            member[f"{name}_amount"] += amount

    def _root(self, sale: Sale) -> Sale:
        while sale.line.refunds is not None:
            sale = self.sale_of[sale.line.refunds.line_id]
        return sale

    def _term(self, sale: Sale) -> Term:
        sold = self._root(sale)
        months = sold.line.term_months
        ends_on = None if months is None else add_months(sold.on, months)
        if sold is sale or months is None or ends_on is None:
            return Term(months, ends_on)
        price, given = _own_money(sold.line), -_own_money(sale.line)
        if sale.on >= ends_on:
            return Term(months, None, annual=self._annual(sold, half_away(given * 12, months), months))
        rest = price - half_away(price * (sale.on - sold.on).days, (ends_on - sold.on).days)
        ended = min(given, max(rest - self.given_before[sold.line.line_id], 0))
        self.given_before[sold.line.line_id] += given
        annual = half_away(price * ended * 12, rest * months) + half_away((given - ended) * 12, months) if rest else half_away(given * 12, months)
        return Term(months, ends_on, ended, self._annual(sold, annual, months))

    def _annual(self, sold: Sale, annual: int, months: int) -> int:
        """What of the sale's annual value is taken, of what a refund would take: never more than is left."""
        value, before = half_away(_own_money(sold.line) * 12, months), self.annual_before[sold.line.line_id]
        self.annual_before[sold.line.line_id] = before + annual
        return max(min(before + annual, value), 0) - max(min(before, value), 0)

    def _sell(self, sale: Sale, term: Term, part: Part) -> None:
        annual = part.kept if term.months is None else half_away(part.kept * 12, term.months)
        if term.annual is not None:
            annual = half_away(part.kept * term.annual, -_own_money(sale.line))
        self._add(part.user, sale.on, sale.line, tcv=part.kept, acv=annual, bookings=part.kept + part.partner, partner_share=part.partner)
        if term.ends_on is None:
            self._recognise(part, sale, sale.on, part.kept)
            return
        spread = part.kept
        if term.ended is not None:
            given = -_own_money(sale.line)
            spread = part.kept if term.ended == given else half_away(part.kept * term.ended, given)
            self._recognise(part, sale, sale.on, part.kept - spread)
            self._add(part.user, sale.on, sale.line, early_terminated=-spread)
        for day, amount in earned(spread, sale.on, term.ends_on, self.start_month):
            self._recognise(part, sale, day, amount)
            spread -= amount
        self._add(part.user, sale.on, sale.line, unrecognised=spread)

    def _recognise(self, part: Part, sale: Sale, day: dt.date, amount: int) -> None:
        self._add(part.user, day, sale.line, recognised=amount)
        self.of_accounts[sale.account_id, fiscal_year(day, self.start_month)] += amount

    def _pay(self, payment: Payment) -> None:
        """A payment invoices what its line was booked at on the line's day."""
        line, settled_on = payment.line, payment.settled_on
        sales = [self.sale_of[line.line_id]]
        if payment.is_of_order:
            sales = sorted(self.facts.nominal.sales_of_order.get(line.order_id, []), key=lambda sale: str(sale.line.line_id))
        # An invoice is cut in the money of its day, in whichever it is read.
        weights = [sale.revenue for sale in sales] if payment.is_of_order else [1]
        events = [("invoiced", line.ordered_on, line.booked)]
        if settled_on is not None and payment.written_off:
            events.append(("written_off", settled_on if payment.is_dated else self.facts.world.calendar.seen(settled_on), payment.written_off))
        elif settled_on is not None:
            events.append(("collected", settled_on, line.booked))
        for event, on, local in events:
            for sale, amount in zip(sales, shares(local, weights), strict=True):
                if on < AS_OF:
                    self._settle(sale, event, on, line.ordered_on, in_basis(self.facts.world, self.facts.basis, amount, line.currency, sale.on))

    def _settle(self, sale: Sale, event: str, on: dt.date, opened_on: dt.date, amount: int) -> None:
        sharing = self.facts.sharing(sale.line)
        for user, part in zip(sharing, shares(amount, list(sharing.values())), strict=True):
            self._add(user, on, sale.line, **{event: part})
            self._add(user, opened_on, sale.line, open=part if event == "invoiced" else -part)


@lru_cache(maxsize=8)
def recognised_in_years(facts: Facts, start_month: int) -> dict[tuple[str, int], int]:
    """What each account came to in each fiscal year: contracts by days of their term, all else when it was sold."""
    return dict(Contracts(facts, start_month).of_accounts)


def contract_value(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a rep, fiscal year and type with anything in it."""
    for (user, year, kind), sums in Contracts(facts, start_month).sums.items():
        if any(sums.values()):
            key = {"crm_user_id": user, "fiscal_year": year, "opportunity_type": kind, "basis": facts.basis}
            yield key | {name: decimal(amount) for name, amount in sums.items()}
