"""The true way from deals won to what was booked and kept, step by step.

Belongs here: `deal_bridge` from the events. Doesn't: how deals went (`truth_deals`), what contracts are worth (`truth_contracts`).

Where the rules leave room, this is how they are read:
- Deals that were merged are the one that remains, and so are their lines. A deal is won on the day of its last step.
- A refund is of no deal: terminated early is what it takes of the rest of a term, as contracts are read, and all else is refunded.
- A line is compared with its deal at the rate of the line's currency on the day of the win; in real money, at the prices of that day too.
"""

from collections import defaultdict
from collections.abc import Iterator

from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import fiscal_year
from orchestration.demo.events import Opportunity
from orchestration.demo.facts import Facts, Sale
from orchestration.demo.money import decimal
from orchestration.demo.truth import Row
from orchestration.demo.truth_contracts import Contracts, partner_part

STEPS = (
    "won",
    "won without a line",
    "changed after the win",
    "won without an amount",
    "exchange since the win",
    "booked in another year",
    "won in another year",
    "of a deal not won",
    "without a deal",
    "terminated early",
    "refunded",
    "booked",
    "partner share",
    "net",
)
TOTALS = ("won", "booked", "net")


class Bridge:
    """Sums by fiscal year and step."""

    def __init__(self, facts: Facts, start_month: int) -> None:
        self.facts, self.start_month = facts, start_month
        self.sums: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STEPS, 0))
        sold = [sale for sale in facts.sales if sale.line.refunds is None and sale.line.booked >= 0]
        self.with_lines = {deal.opportunity_id for deal in map(_deal_of, sold) if deal is not None}
        for deal in facts.world.opportunities:
            if deal.merged_into is None and deal.steps[-1][1] == "won":
                self._win(deal)
        for sale in facts.sales:
            self._book(sale)
        for (_, year, _), amounts in Contracts(facts, start_month).sums.items():
            self.sums[year]["terminated early"] -= amounts["early_terminated_amount"]
            self.sums[year]["refunded"] += amounts["early_terminated_amount"]

    def _win(self, deal: Opportunity) -> None:
        on = deal.steps[-1][0]
        amount, sums = in_basis(self.facts.world, self.facts.basis, deal.amount, deal.currency, on), self.sums[fiscal_year(on, self.start_month)]
        sums["won"] += amount
        sums["changed after the win" if deal.opportunity_id in self.with_lines else "won without a line"] -= amount

    def _book(self, sale: Sale) -> None:
        partner = partner_part(self.facts, sale)
        booked, year = sale.revenue + partner, fiscal_year(sale.on, self.start_month)
        sums, deal = self.sums[year], _deal_of(sale)
        sums["booked"] += booked
        sums["partner share"] -= partner
        sums["net"] += sale.revenue
        if sale.line.refunds is not None or sale.line.booked < 0:
            sums["refunded"] += booked
        elif deal is None or deal.steps[-1][1] != "won":
            sums["without a deal" if deal is None else "of a deal not won"] += booked
        else:
            won_on = deal.steps[-1][0]
            won_year = fiscal_year(won_on, self.start_month)
            at_win = in_basis(self.facts.world, self.facts.basis, sale.line.booked, sale.line.currency, won_on)
            if self.facts.basis == "constant":
                at_win = booked  # Rounded in two parts, as it was booked: nothing came of exchange.
            self.sums[won_year]["changed after the win"] += at_win
            self.sums[won_year]["exchange since the win"] += booked - at_win
            if won_year != year:
                self.sums[won_year]["booked in another year"] -= booked
                sums["won in another year"] += booked


def _deal_of(sale: Sale) -> Opportunity | None:
    deal = sale.line.opportunity
    return deal and (deal.merged_into or deal)


def deal_bridge(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a fiscal year and step."""
    for year, sums in Bridge(facts, start_month).sums.items():
        for number, (step, amount) in enumerate(sums.items(), start=1):
            key = {"fiscal_year": year, "basis": facts.basis, "bridge_step": step}
            yield key | {"step_number": number, "is_total": step in TOTALS, "bridge_amount": decimal(amount)}
