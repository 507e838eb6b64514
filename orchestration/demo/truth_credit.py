"""The true answers about credit: who is credited with what under the declared policy, and what the others would say.

Belongs here: `fct_credit`, `credit_policy_comparison`. Doesn't: who sold, won or owned what (`facts`).

Where the rules leave room, this is how they are read:
- A refund of a refund is one of the sale. A refund and a write-off are credited as their sale was, on a day of their own.
- A write-off of an order is of the order's lines that brought anything, by what they brought; at the rate of each line's day.
  What a partner would have kept of it was credited to nobody, and is taken back from nobody.
- An account is new up to the day on which it was won. A deal that was merged is of the type of the one that remains.
- Handed over is what changes hands: to another owner, to nobody (*unknown*), or from nobody; at first the account is its acquirer's.
- An adjustment moves its part of the sale, at the rate of the sale's day, and the same part of what undoes the sale, beside the policy. Where, under
  another policy than it was written against, somebody would end below nothing, those of the sale move what there is, as they were told.
- What the 12 months before a handover brought is due by days in the year after it; lines of a day keep of it in the order of their ids, as
  text. What comes back is kept by nobody. What was due and not sold is a decline of the last sale before, on the last day on which it is due.
- Who has which part is agreed in nominal money; the other bases tell the same parts of what the sale, the refund or the write-off is in
  them. A write-off is of the money of its line's day, a decline of that of the last sale before.
- An account younger than a year hands over what a year like its days would bring, of 183 days at least.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import AS_OF, add_months, fiscal_year
from orchestration.demo.events import UNKNOWN, Adjustment, Payment
from orchestration.demo.facts import Facts, Sale
from orchestration.demo.marketing import reporting
from orchestration.demo.money import decimal, half_away, shares
from orchestration.demo.truth import Row, ratio

POLICIES = ("acquirer", "owner", "split", "handover")
DECLARED = "acquirer"
_WHOLE_PCT = 100 * 10_000
Parts = list[tuple[str, str, int]]
"""Who shares a sale: user, reason, weight."""


@dataclass(frozen=True)
class Event:
    """A sale, a refund or a write-off, with the sale as which it is credited. undoing: refund, churn or write-off."""

    line_id: str
    on: dt.date
    amount: int
    sale: Sale
    undoing: str | None = None


@dataclass(frozen=True)
class Handover:
    """An account passes from one holder to the next, who has it until `until_on`."""

    on: dt.date
    until_on: dt.date
    from_id: str
    to_id: str
    amount: int

    @property
    def kept_to_on(self) -> dt.date:
        return min(self.until_on, add_months(self.on, 12))

    def due(self, on: dt.date) -> int:
        """What of the amount is due before a day."""
        return half_away(self.amount * (on - self.on).days, (add_months(self.on, 12) - self.on).days)


@dataclass(frozen=True)
class Decline:
    """What was handed over and not sold, with the last sale before, and who loses it to whom."""

    sale: Sale
    on: dt.date
    amount: int
    handover: Handover


class Credit:
    """Who is credited with each event, under each policy. facts: in nominal money; told: in the money that amounts are told in, the same if none is given."""

    def __init__(self, facts: Facts, told: Facts | None = None) -> None:
        self.facts, self.told = facts, told or facts
        self.worth_of = {sale.line.line_id: sale.revenue for sale in self.told.sales}
        self.sale_of = {sale.line.line_id: sale for sale in facts.sales}

    @cached_property
    def events(self) -> list[Event]:
        """Sales and refunds, then write-offs; of a line and day one."""
        events = [self._event(sale) for sale in self.facts.sales]
        given_up: dict[tuple[int, dt.date], int] = defaultdict(int)
        for payment in self.facts.world.payments:
            for sale, on, amount in self.write_offs(payment):
                given_up[sale.line.line_id, on] += amount
        return events + [Event(str(line_id), on, -amount, self._sold(self.sale_of[line_id]), "write-off") for (line_id, on), amount in given_up.items()]

    @cached_property
    def adjustments(self) -> dict[int, list[Adjustment]]:
        """By line; those that were taken back are none."""
        found: dict[int, list[Adjustment]] = defaultdict(list)
        for adjustment in self.facts.world.adjustments:
            if adjustment.withdrawn_seen_on is None:
                found[adjustment.line.line_id].append(adjustment)
        return found

    def moved(self, policy: str, sale: Sale) -> list[tuple[Adjustment, int]]:
        """The adjustments of a sale that move anything, and how much: all that they say, unless somebody would end below nothing."""
        told = sorted(self.adjustments.get(sale.line.line_id, []), key=lambda one: (one.seen_on, one.adjustment_id))
        whole = [(one, reporting(self.facts.world, one.amount, sale.line.currency, sale.on)) for one in told]
        purses = self._purses(policy, sale)
        for one, amount in whole:
            purses[one.from_id] -= amount
            purses[one.to_id] += amount
        if min(purses.values()) >= 0:
            return whole
        purses, moved = self._purses(policy, sale), []
        for one, amount in whole:
            there_is = min(amount, purses[one.from_id])
            purses[one.from_id] -= there_is
            purses[one.to_id] += there_is
            moved.append((one, there_is))
        return [(one, amount) for one, amount in moved if amount]

    def _purses(self, policy: str, sale: Sale) -> dict[str, int]:
        """What of the sale is whose before anybody adjusts it."""
        parts, purses = self.parts(policy, sale), defaultdict[str, int](int)
        for (user, *_), amount in zip(parts, shares(sale.revenue, [weight for *_, weight in parts]), strict=True):
            purses[user] += amount
        return purses

    def write_offs(self, payment: Payment) -> Iterator[tuple[Sale, dt.date, int]]:
        """What of which sale was given up, when, in the money that is told."""
        if payment.settled_on is None or not payment.written_off:
            return
        on = payment.settled_on if payment.is_dated else self.facts.world.calendar.seen(payment.settled_on)
        sales = [self.sale_of[payment.line.line_id]]
        if payment.is_of_order:
            sales = sorted(self.facts.sales_of_order.get(payment.line.order_id, []), key=lambda sale: str(sale.line.line_id))
        weights = [sale.revenue for sale in sales] if payment.is_of_order else [1]
        for sale, local in zip(sales, shares(payment.written_off, weights), strict=True):
            partner = reporting(self.facts.world, sale.line.partner, sale.line.currency, sale.on)
            amount, whole = in_basis(self.facts.world, self.told.basis, local, sale.line.currency, sale.on), sale.revenue + partner
            yield sale, on, half_away(amount * sale.revenue, whole) if partner and whole else amount

    def _sold(self, sale: Sale) -> Sale:
        while sale.line.refunds is not None:
            sale = self.sale_of[sale.line.refunds.line_id]
        return sale

    def _event(self, sale: Sale) -> Event:
        sold = self._sold(sale)
        if sold is sale:
            return Event(str(sale.line.line_id), sale.on, self.worth_of[sale.line.line_id], sale)
        is_early = sold.line.term_months is not None and sale.on < add_months(sold.on, sold.line.term_months)
        return Event(str(sale.line.line_id), sale.on, self.worth_of[sale.line.line_id], sold, "churn" if is_early else "refund")

    def parts(self, policy: str, sale: Sale) -> Parts:
        """Who shares the sale."""
        return {"acquirer": self._acquirer, "owner": self._owner, "split": self._split, "handover": self._handover}[policy](sale)

    def _acquirer(self, sale: Sale) -> Parts:
        user = self.facts.wins[sale.account_id].acquirer_id
        return [(user, "no acquirer" if user == UNKNOWN else "acquirer", 1)]

    def _owner(self, sale: Sale) -> Parts:
        user = self.facts.owner_on(sale.account_id, sale.on)
        return [(user, "no owner who is a rep" if user == UNKNOWN else "owner", 1)]

    def _split(self, sale: Sale) -> Parts:
        return [(user, "no seller" if user == UNKNOWN else "seller", weight) for user, weight in sorted(self.facts.sharing(sale.line).items())]

    def _handover(self, sale: Sale) -> Parts:
        handover = next((one for one in self.handovers(sale.account_id) if one.on <= sale.on < one.until_on), None)
        if handover is None:
            return self._acquirer(sale)
        changed = "no owner who is a rep" if handover.to_id == UNKNOWN else "change after the handover"
        kept = self._kept(sale.account_id).get(sale.line.line_id, 0)
        if not kept:
            return [(handover.to_id, changed, 1)]
        parts = [(handover.from_id, "handed over", kept), (handover.to_id, changed, sale.revenue - kept)]
        return sorted(part for part in parts if part[2] > 0)

    def handovers(self, account_id: str) -> list[Handover]:
        """In order."""
        return self._handovers[account_id]

    @cached_property
    def _handovers(self) -> dict[str, list[Handover]]:
        return {account_id: self._handovers_of(account_id) for account_id in self.facts.wins}

    def _handovers_of(self, account_id: str) -> list[Handover]:
        holder, passed = self.facts.wins[account_id].acquirer_id, list[tuple[dt.date, str, str]]()
        turns = self.facts.owner_turns(account_id)
        for (_, before), (on, owner) in pairwise(turns):
            if owner not in (before, holder):
                passed.append((on, holder, owner))
            holder = owner if owner != before else holder
        ends = [*(on for on, _, _ in passed[1:]), dt.date.max]
        return [Handover(on, until_on, from_id, to_id, self._handed_over(account_id, on)) for (on, from_id, to_id), until_on in zip(passed, ends, strict=False)]

    def _year_before(self, account_id: str, on: dt.date) -> list[Sale]:
        return [sale for sale in self.facts.sales_of[account_id] if add_months(on, -12) <= sale.on < on]

    def _handed_over(self, account_id: str, on: dt.date) -> int:
        sold = max(0, sum(sale.revenue for sale in self._year_before(account_id, on)))
        year, age = (on - add_months(on, -12)).days, (on - self.facts.wins[account_id].on).days
        return half_away(sold * year, min(year, max(age, 183)))

    def declines(self) -> Iterator[Decline]:
        """Of every handover that no longer counts."""
        for account_id, handovers in self._handovers.items():
            for handover in handovers:
                kept = sum(amount for sale_on, amount in self._kept_on(account_id) if handover.on <= sale_on < handover.kept_to_on)
                missing = handover.due(handover.kept_to_on) - kept
                if missing > 0 and handover.kept_to_on <= AS_OF:
                    before = [sale for sale in self._year_before(account_id, handover.on) if sale.revenue > 0 and sale.line.refunds is None]
                    last = max(before, key=lambda sale: (sale.on, str(sale.line.line_id)))
                    told = half_away(self.worth_of[last.line.line_id] * missing, last.revenue)
                    yield Decline(last, handover.kept_to_on - dt.timedelta(days=1), told, handover)

    def _kept_on(self, account_id: str) -> list[tuple[dt.date, int]]:
        return [(self.sale_of[line_id].on, amount) for line_id, amount in self._kept(account_id).items()]

    def _kept(self, account_id: str) -> dict[int, int]:
        """By line: what of it was handed over."""
        if account_id not in self._kept_of:
            self._kept_of[account_id] = dict(self._keep(account_id))
        return self._kept_of[account_id]

    @cached_property
    def _kept_of(self) -> dict[str, dict[int, int]]:
        return {}

    def _keep(self, account_id: str) -> Iterator[tuple[int, int]]:
        for handover in self.handovers(account_id):
            brought = [
                sale
                for sale in self.facts.sales_of[account_id]
                if handover.on <= sale.on < handover.kept_to_on and sale.line.refunds is None and sale.revenue > 0
            ]
            kept = 0
            for sale in sorted(brought, key=lambda sale: (sale.on, str(sale.line.line_id))):
                part = min(handover.due(sale.on + dt.timedelta(days=1)) - kept, sale.revenue)
                kept += part
                if part:
                    yield sale.line.line_id, part

    def role(self, sale: Sale) -> str:
        """For what the sale is credited."""
        deal = (sale.line.opportunity.merged_into or sale.line.opportunity) if sale.line.opportunity else None
        if deal is not None and deal.kind == "renewal":
            return "renew"
        is_new = (deal is not None and deal.kind == "new") or sale.on <= self.facts.wins[sale.account_id].on
        return "originate" if is_new else "close"


def fct_credit(facts: Facts, policy: str = DECLARED) -> Iterator[Row]:
    """Under the policy that is declared; overlays stand beside it."""
    credit = Credit(facts)
    for event in credit.events:
        parts = credit.parts(policy, event.sale)
        for (user, reason, _), amount in zip(parts, shares(event.amount, [weight for *_, weight in parts]), strict=True):
            yield _row(event, user, credit.role(event.sale), event.undoing or reason, amount)
        yield from _adjusted(credit, event, policy)
        for user, pct in facts.weights(event.sale.line, "overlay").items():
            yield _row(event, user, "overlay", event.undoing or "overlay", half_away(event.amount * pct, _WHOLE_PCT))
    for decline in credit.declines() if policy == "handover" else ():
        event = Event(str(decline.sale.line.line_id), decline.on, decline.amount, decline.sale)
        for user, amount in ((decline.handover.from_id, decline.amount), (decline.handover.to_id, -decline.amount)):
            yield _row(event, user, credit.role(decline.sale), "decline after the handover", amount)


def _adjusted(credit: Credit, event: Event, policy: str) -> Iterator[Row]:
    for adjustment, whole in credit.moved(policy, event.sale):
        amount = half_away(whole * event.amount, event.sale.revenue)
        reason = f"{event.undoing} of " * bool(event.undoing) + f"adjustment {adjustment.adjustment_id}"
        for user, moved in ((adjustment.from_id, -amount), (adjustment.to_id, amount)):
            yield _row(event, user, credit.role(event.sale), reason, moved, adjustment.reason)


def _row(event: Event, user: str, role: str, reason: str, amount: int, adjustment_reason: str | None = None) -> Row:
    key = {"order_line_id": event.line_id, "crm_user_id": user, "credit_role": role, "credited_on": event.on, "reason": reason}
    return key | {"credited_amount": decimal(amount), "adjustment_reason": adjustment_reason}


def credit_policy_comparison(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a rep, fiscal year and policy."""
    credit = Credit(facts.nominal, facts)
    for policy in POLICIES:
        sums: dict[tuple[str, int], int] = defaultdict(int)
        totals: dict[int, int] = defaultdict(int)
        for event in (one for one in credit.events if one.on < AS_OF):
            parts, year = credit.parts(policy, event.sale), fiscal_year(event.on, start_month)
            totals[year] += event.amount
            for (user, *_), amount in zip(parts, shares(event.amount, [weight for *_, weight in parts]), strict=True):
                sums[user, year] += amount
        for decline in credit.declines() if policy == "handover" else ():
            year = fiscal_year(decline.on, start_month)
            sums[decline.handover.from_id, year] += decline.amount
            sums[decline.handover.to_id, year] -= decline.amount
        for (user, year), amount in sums.items():
            key = {"crm_user_id": user, "fiscal_year": year, "policy": policy, "basis": facts.basis}
            yield key | {"credited_amount": decimal(amount), "share_pct": ratio(100 * amount, totals[year])}
