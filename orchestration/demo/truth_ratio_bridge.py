"""The true bridge of the ratio from one year to the next: exchange, price, mix, retention, volume, cost.

Belongs here: `ratio_bridge` from the events. Doesn't: who sold what (`facts`), value and cost of a year (`truth`).

Where the rules leave room, this is how they are read:
- Last year's rate of a currency is the mean of the rates of its days, to 12 decimals; a sale's part of a shared line is turned into it from
  the reporting currency, by the rate's change since, to 12 decimals. A currency without a rate then keeps the day's.
- Prices are to 4 decimals, and so is each sale's value at them. What was only given back has no price.
- Units of a shared line are shared like percentages, to 4 decimals.
- A customer is kept who had any line in the year before, with whomever.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from orchestration.demo.calendar import AS_OF, fiscal_year, fiscal_year_end
from orchestration.demo.events import REPORTING_CURRENCY
from orchestration.demo.facts import Facts, Sale
from orchestration.demo.lenses import ONE_DAY
from orchestration.demo.marketing import rate_on
from orchestration.demo.money import RATE_UNIT, UNIT, decimal, half_away
from orchestration.demo.truth import Ledger, Row, ledger_of, ratio, year_withheld

STEPS = ("exchange", "price", "mix", "retention", "volume", "cost")
HOLDERS = ("rep", "team", "manager", "territory", "company")
VERSIONS = "revenue 1, rep_cost 5, value_ratio_year 1, ratio_bridge 1"
_FINE = 10**12


@dataclass(frozen=True)
class Sold:
    """What a user sold of a line, in a bridge: sign is -1 of the year before. at_rate: at last year's mean rate."""

    user: str
    sale: Sale
    sign: int
    revenue: int
    units: int
    at_rate: int


class Years:
    """The sales of a fiscal year and of the one before, and what the steps need to know of the latter."""

    def __init__(self, facts: Facts, year: int, start_month: int) -> None:
        self.facts, self.year, self.start_month = facts, year, start_month
        self.sold = [one for sale in facts.sales for one in self._parts(sale)]
        self.before = [one for one in self.sold if one.sign < 0]
        self.customers = {one.sale.account_id for one in self.before}

    def _parts(self, sale: Sale) -> Iterator[Sold]:
        back = self.year - fiscal_year(sale.on, self.start_month)
        if back not in (0, 1):
            return
        weights = self.facts.sharing(sale.line)
        units = abs(sale.line.quantity) * UNIT * (-1 if sale.line.booked < 0 else 1)
        for user, revenue, _ in sale.sellers:
            part = half_away(units * weights[user], sum(weights.values()))
            yield Sold(user, sale, 1 - 2 * back, revenue, part, self._at_old_rate(revenue, sale.line.currency, sale.on))

    def _at_old_rate(self, revenue: int, currency: str, day: dt.date) -> int:
        mean = self.mean_rates.get(currency)
        if mean is None:
            return revenue
        change = half_away(mean * _FINE, rate_on(self.facts.world, currency, day) * (_FINE // RATE_UNIT))
        return half_away(revenue * change, _FINE)

    @cached_property
    def mean_rates(self) -> dict[str, int]:
        """Of each currency that needs one, over those days of the year before that have a rate."""
        world = self.facts.world
        end, day = fiscal_year_end(self.year - 1, self.start_month), fiscal_year_end(self.year - 2, self.start_month)
        first = min(rate.rate_on for rate in world.rates)
        rates = []
        while day < end:
            if day >= first:
                rates.append(rate_on(world, "EUR", day))
            day += ONE_DAY
        return {"EUR": half_away(sum(rates) * (_FINE // RATE_UNIT), len(rates))} if rates and REPORTING_CURRENCY != "EUR" else {}

    @cached_property
    def products(self) -> dict[str, tuple[int, int]]:
        """Value and units of each product in the year before, where both are more than nothing."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for one in self.before:
            sums[one.sale.line.product][0] += one.at_rate
            sums[one.sale.line.product][1] += one.units
        return {product: (value, units) for product, (value, units) in sums.items() if value > 0 and units > 0}

    @cached_property
    def mean_price(self) -> int:
        """Of the year before, over all products."""
        value, units = (sum(side) for side in zip(*self.products.values(), strict=True))
        return half_away(value * UNIT, units)

    def steps(self, one: Sold) -> dict[str, int]:
        """What a sale does to the value, by step, and what of it is not split."""
        line = one.sale.line
        at_price = at_mean = one.at_rate
        is_split = bool(self.products) and one.units != 0
        if is_split:
            at_mean = half_away(one.units * self.mean_price, UNIT)
            if line.product in self.products:
                value, units = self.products[line.product]
                at_price = half_away(one.units * half_away(value * UNIT, units), UNIT)
        last = "retention" if one.sale.account_id in self.customers else "volume"
        sizes = {"exchange": one.revenue - one.at_rate, "price": one.at_rate - at_price, "mix": at_price - at_mean, last: at_mean}
        if not is_split:
            sizes[f"unsplit_{last}"] = at_mean
        return {step: one.sign * size for step, size in sizes.items()}


def ratio_bridge(facts: Facts, start_month: int) -> Iterator[Row]:
    """Six steps of each holder with a figure in both years."""
    ledgers = {kind: ledger_of(facts, start_month, kind, "as_sold") for kind in HOLDERS}
    years = {year for _, year in ledgers["company"].years() if fiscal_year_end(year, start_month) <= AS_OF}
    for year in sorted(years):
        both = Years(facts, year, start_month)
        sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for one in both.sold:
            steps = both.steps(one)
            for kind in HOLDERS:
                reached = sums[kind, facts.group(kind, one.user, one.sale.on)]
                for step, size in steps.items():
                    reached[step] += size
        for kind, ledger in ledgers.items():
            there = {member for member, found in ledger.years() if found == year} & {member for member, found in ledger.years() if found == year - 1}
            for member in sorted(there):
                yield from _rows(ledger, member, year, sums[kind, member])


def _rows(ledger: Ledger, member: str, year: int, sizes: dict[str, int]) -> Iterator[Row]:
    cost_before, cost = (ledger.cost.get((member, one), 0) for one in (year - 1, year))
    withheld = ledger.kind == "rep" and any(year_withheld(ledger.facts, member, one, ledger.start_month) for one in (year - 1, year))
    has_ratio = cost_before > 0 and cost > 0 and not withheld
    value, spent = ledger.sold.get((member, year - 1), (0, 0))[0], cost_before
    at = ratio(value, spent)
    for number, step in enumerate(STEPS, start=1):
        value += sizes.get(step, 0)
        spent = cost if step == "cost" else spent
        before, at = at, ratio(value, spent)
        yield {
            "holder_type": ledger.kind,
            "holder_id": member,
            "fiscal_year": year,
            "step_number": number,
            "step": step,
            "value_change_amount": decimal(sizes.get(step, 0)),
            "unsplit_amount": decimal(sizes.get(f"unsplit_{step}", 0)),
            "cost_change_amount": decimal(cost - cost_before if step == "cost" else 0),
            "from_ratio": before if has_ratio else None,
            "change_ratio": at - before if has_ratio and at is not None and before is not None else None,
            "to_ratio": at if has_ratio else None,
            "metric_versions": VERSIONS,
        }
