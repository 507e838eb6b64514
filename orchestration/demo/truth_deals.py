"""The true funnel of deals: how many were made, won and lost, in which time, at which discount, against which pipeline.

Belongs here: `deal_funnel` from the events. Doesn't: who owns what (`facts`, `lenses`), goals (`plans`).

Where the rules leave room, this is how they are read:
- Deals that were merged are the one that remains. A deal is its owner's; one of a user who is no rep is *unknown*'s.
- Groups and region are the owner's on the fiscal year's last day, or the last before the as-of date; a discount is that of the order's rep.
- A deal that the new CRM tells of an account which the old one had deleted by then is of an account that nobody knows.
- A deal that was closed waits in the pipeline of every year that found it open; the demo gives open deals no expected date.
- A year's target is that of the longest periods within it that have a revenue goal, each in its last version.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from orchestration.demo.bases import in_basis
from orchestration.demo.calendar import AS_OF, fiscal_year, fiscal_year_end
from orchestration.demo.events import UNKNOWN, Opportunity
from orchestration.demo.facts import Facts
from orchestration.demo.lenses import ONE_DAY
from orchestration.demo.money import decimal, half_away
from orchestration.demo.truth import Row
from orchestration.demo.truth_more import industry_now, target_in_basis

CUTS = ("rep", "team", "manager", "territory", "company", "region", "industry", "acquisition_method")
_SUMS = ("created", "won", "lost", "won_amount", "lost_amount", "dated", "days", "list", "discount", "pipeline")


class Funnel:
    """Sums by (cut, member, fiscal year)."""

    def __init__(self, facts: Facts, start_month: int) -> None:
        self.facts, self.start_month = facts, start_month
        self.accounts = {account.account_id: account for account in facts.world.accounts}
        self.sums: dict[tuple[str, str, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_SUMS, 0))
        first_year = min(fiscal_year(sale.on, start_month) for sale in facts.sales)
        self.years = range(first_year, fiscal_year(AS_OF - ONE_DAY, start_month) + 1)
        for deal in facts.world.opportunities:
            if deal.merged_into is None:
                self._deal(deal)
        for sale in facts.sales:
            listed = self._amount(sale.line.listed, sale.line.currency, sale.on)
            sold = sale.revenue + self._amount(sale.line.partner, sale.line.currency, sale.on)
            self._add(facts.seller(sale.line), sale.account_id, sale.on, list=listed, discount=listed - sold)

    def _amount(self, amount: int, currency: str, day: dt.date) -> int:
        return in_basis(self.facts.world, self.facts.basis, amount, currency, day)

    def _rep(self, user: str | None) -> str:
        return user if user in self.facts.reps else UNKNOWN

    def _deal(self, deal: Opportunity) -> None:
        owner, account_id = self._rep(deal.owner_id), self._account(deal)
        created_on, (last_on, stage) = deal.steps[0][0], deal.steps[-1]
        ended_on = last_on if stage in ("won", "lost") else None
        amount = self._amount(deal.amount, deal.currency, ended_on or created_on)
        self._add(owner, account_id, created_on, created=1)
        if ended_on is not None:
            is_won = stage == "won"
            name = "won" if is_won else "lost"
            cycle = {"dated": 1, "days": (ended_on - created_on).days} if is_won else {}
            self._add(owner, account_id, ended_on, **{name: 1, f"{name}_amount": amount}, **cycle)
        for year in self.years:
            start_on = fiscal_year_end(year - 1, self.start_month)
            if created_on < start_on < AS_OF and (ended_on is None or ended_on >= start_on):
                self._add(owner, account_id, start_on, pipeline=amount)

    def _account(self, deal: Opportunity) -> str:
        account_id, change = self.facts.world.merged.get(deal.account_id, deal.account_id), self.facts.world.crm_change
        gone_on = self.accounts[account_id].gone_on
        is_lost = change is not None and gone_on is not None and gone_on < change.both_from_on <= deal.steps[-1][0]
        return UNKNOWN if is_lost else account_id

    def _add(self, user: str, account_id: str, day: dt.date, **amounts: int) -> None:
        year = fiscal_year(day, self.start_month)
        for cut in CUTS:
            member = self.sums[cut, self._member(cut, user, account_id, year), year]
            for name, amount in amounts.items():
                member[name] += amount

    def _member(self, cut: str, user: str, account_id: str, year: int) -> str:
        if cut in ("industry", "acquisition_method"):
            account = self.accounts.get(account_id)
            if account is None:
                return UNKNOWN
            return industry_now(account) if cut == "industry" else account.method or UNKNOWN
        read_on = min(fiscal_year_end(year, self.start_month), AS_OF) - ONE_DAY
        if cut == "region":
            territory = self.facts.group("territory", user, read_on)
            return self.facts.territory_names.get(territory) or self.facts.account_regions.get(account_id, UNKNOWN)
        return self.facts.group(cut, user, read_on)

    def targets(self) -> dict[tuple[str, str, int], int]:
        """Revenue goals of each owner and year, the longest periods alone."""
        last: dict[str, Any] = {}
        for goal in self.facts.world.goals:
            year = fiscal_year(goal.start_on, self.start_month)
            if goal.metric == "revenue" and goal.start_on < goal.end_on <= fiscal_year_end(year, self.start_month):
                last[goal.goal_id] = max(goal, last.get(goal.goal_id, goal), key=lambda one: one.version)
        lengths: dict[tuple[str, str, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for goal in last.values():
            key = (goal.owner_type, goal.owner_id or "company", fiscal_year(goal.start_on, self.start_month))
            months = (goal.end_on.year - goal.start_on.year) * 12 + goal.end_on.month - goal.start_on.month
            lengths[key][months] += target_in_basis(self.facts, goal)
        return {key: found[max(found)] for key, found in lengths.items()}


def deal_funnel(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a cut, member and fiscal year."""
    funnel = Funnel(facts, start_month)
    targets = funnel.targets()
    for (cut, member, year), sums in sorted(funnel.sums.items()):
        target = targets.get((cut, member, year))
        closed, closed_amount = sums["won"] + sums["lost"], sums["won_amount"] + sums["lost_amount"]
        yield {
            "cut_type": cut,
            "cut_id": member,
            "fiscal_year": year,
            "basis": funnel.facts.basis,
            "opportunities_created": sums["created"],
            "opportunities_won": sums["won"],
            "opportunities_lost": sums["lost"],
            "win_rate_pct": _part(100 * sums["won"], closed),
            "won_amount": decimal(sums["won_amount"]),
            "lost_amount": decimal(sums["lost_amount"]),
            "win_rate_amount_pct": _part(100 * sums["won_amount"], closed_amount),
            "mean_deal_amount": decimal(half_away(sums["won_amount"], sums["won"])) if sums["won"] else None,
            "mean_cycle_days": _part(sums["days"], sums["dated"]),
            "list_amount": decimal(sums["list"]),
            "discount_amount": decimal(sums["discount"]),
            "discount_pct": _part(100 * sums["discount"], sums["list"]),
            "pipeline_amount": decimal(sums["pipeline"]),
            "target_amount": None if target is None else decimal(target),
            "pipeline_coverage_pct": None if target is None else _part(100 * sums["pipeline"], target),
        }


def _part(part: int, whole: int) -> Any:
    return decimal(half_away(part * 10**6, whole), 6) if whole else None
