"""The other true answers: customers, segments, goals, the company's revenue, and the two facts that people look up.

Belongs here: every answer but value against cost (`truth`). Doesn't: the rules of credit and cost (`facts`), files.

Where the rules leave room, this is how they are read:
- Cost of the *unknown* rep goes to the *unknown* segment, so that sales without a rep have no cost; a rep's cost is shared by the
  sum of his sales in each segment, where that is positive. Parts of equal remainder: the first segment by name gets it.
- The lifetime value of a region is that of the customers counted there: a customer's region is that of the line that won it, for ever.
- An account without a method of its own is *unknown*, also when it names a campaign.
- A region is named as its territory is named now. `value_amount` stands beside the published columns: what `value_ratio` divides.
- `revenue_amount` of a segment is null on cohort and career rows, `realised_ltv_amount` on year rows, `is_mature` on all but cohort rows with an age.
- A segment's career exists when it has a row of any year; marketing spend that names neither method nor campaign is *unknown*'s.
- Every goal version is measured over its whole period, as far as the as-of date.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from orchestration.demo.calendar import AS_OF, add_months, fiscal_year
from orchestration.demo.events import UNKNOWN, Account
from orchestration.demo.facts import MEASURES, Facts, Sale, Win
from orchestration.demo.marketing import reporting
from orchestration.demo.money import UNIT, decimal, half_away, shares
from orchestration.demo.plan_events import Goal
from orchestration.demo.truth import AGES, Row, is_mature, ratio

SEGMENTS = ("region", "industry", "acquisition_method")
LATER = ("projected_ltv_amount", "projected_ltv_low_amount", "projected_ltv_high_amount", "probability_when_set")


def industry_now(account: Account) -> str:
    """The account's industry as the last extract has it."""
    is_mended = account.mended_on is None or account.mended_on < AS_OF
    return (account.industry if is_mended else account.told_industry) or UNKNOWN


def customer_lifetime_value(facts: Facts) -> Iterator[Row]:
    """A row an account with a line."""
    for account in facts.world.accounts:
        win = facts.wins.get(account.account_id)
        if win is not None:
            yield {
                "account_id": account.account_id,
                "account_name": account.name,
                "acquired_on": win.on,
                "acquisition_basis": win.basis,
                "acquiring_crm_user_id": None if win.acquirer_id == UNKNOWN else win.acquirer_id,
                "industry": industry_now(account),
                "region": win.region,
                "acquisition_method": account.method or UNKNOWN,
                "realised_ltv_amount": decimal(facts.ltv(account.account_id, AS_OF)[0]),
            }


class Segments:
    """Revenue, cost and wins of the segments of one type, by segment and fiscal year."""

    def __init__(self, facts: Facts, start_month: int, kind: str) -> None:
        self.facts, self.start_month, self.kind = facts, start_month, kind
        self.accounts = {account.account_id: account for account in facts.world.accounts}
        self.sold: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        self.won: dict[tuple[str, int], list[Win]] = defaultdict(list)
        self.cost: dict[tuple[str, int], int] = defaultdict(int)
        sold_by: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for sale in facts.sales:
            segment, year = self.of_sale(sale), fiscal_year(sale.on, start_month)
            for user, revenue, margin in sale.sellers:
                sold_by[user, year][segment] += revenue
                self.sold[segment, year][0] += revenue
                self.sold[segment, year][1] += margin
        for win in facts.wins.values():
            segment = win.region if kind == "region" else self.of_account(win.account_id)
            self.won[segment, fiscal_year(win.on, start_month)].append(win)
        self._charge(sold_by)

    def of_sale(self, sale: Sale) -> str:
        return sale.region if self.kind == "region" else self.of_account(sale.account_id)

    def of_account(self, account_id: str) -> str:
        account = self.accounts[account_id]
        return industry_now(account) if self.kind == "industry" else account.method or UNKNOWN

    def _charge(self, sold_by: dict[tuple[str, int], dict[str, int]]) -> None:
        costs: dict[tuple[str, int], int] = defaultdict(int)
        for (user, _, month_on, _, _), (amount, _) in self.facts.costs.rows.items():
            costs[user, fiscal_year(month_on, self.start_month)] += amount
        for (user, year), amount in costs.items():
            sold = {} if user == UNKNOWN else {segment: revenue for segment, revenue in sorted(sold_by[user, year].items()) if revenue > 0}
            weights = sold or {UNKNOWN: 1}
            for segment, part in zip(weights, shares(amount, list(weights.values())), strict=True):
                self.cost[segment, year] += part
        if self.kind == "acquisition_method":
            for spend in self.facts.world.spends:
                method = spend.method or (spend.campaign.method if spend.campaign else UNKNOWN)
                self.cost[method, fiscal_year(spend.month_on, self.start_month)] += reporting(self.facts.world, spend.amount, spend.currency, spend.month_on)

    def ltv(self, wins: list[Win], age: int | None, measure: int) -> int:
        return sum(self.facts.ltv(win.account_id, AS_OF if age is None else min(AS_OF, add_months(win.on, age)))[measure] for win in wins)


def segment_value(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a segment, reading, year, age and measure."""
    for kind in SEGMENTS:
        segments = Segments(facts, start_month, kind)
        years = sorted(segments.sold.keys() | segments.won.keys() | segments.cost.keys())
        for segment, year in years:
            for measure in range(len(MEASURES)):
                yield from _segment_year(segments, segment, year, measure)
        for segment in sorted({segment for segment, _ in years}):
            for measure in range(len(MEASURES)):
                wins = [win for (name, _), found in segments.won.items() if name == segment for win in found]
                cost = sum(amount for (name, _), amount in segments.cost.items() if name == segment)
                yield _segment_row(segments, segment, "career", None, None, measure, segments.ltv(wins, None, measure), cost, len(wins))


def _segment_year(segments: Segments, segment: str, year: int, measure: int) -> Iterator[Row]:
    wins, cost = segments.won.get((segment, year), []), segments.cost.get((segment, year), 0)
    sold = segments.sold.get((segment, year), [0, 0])
    row = _segment_row(segments, segment, "year", year, None, measure, sold[measure], cost, len(wins))
    yield row | {"revenue_amount": decimal(sold[0]), "realised_ltv_amount": None}
    for age in AGES:
        yield _segment_row(segments, segment, "cohort", year, age, measure, segments.ltv(wins, age, measure), cost, len(wins)) | {
            "is_mature": is_mature(wins, age, year, segments.start_month)
        }


def _segment_row(segments: Segments, segment: str, reading: str, year: int | None, age: int | None, measure: int, value: int, cost: int, won: int) -> Row:
    return {
        "segment_type": segments.kind,
        "segment": segment,
        "reading": reading,
        "fiscal_year": year,
        "age_months": age,
        "lens": "as_sold",
        "basis": "nominal",
        "value_measure": MEASURES[measure],
        "customers_acquired": won,
        "realised_ltv_amount": decimal(value),
        "value_amount": decimal(value),
        "cost_amount": decimal(cost),
        "value_ratio": ratio(value, cost),
    }


def goal_attainment(facts: Facts) -> Iterator[Row]:
    """A row a goal version."""
    actuals = _Actuals(facts)
    for goal in facts.world.goals:
        target = half_away(goal.target * (100 if goal.ramp_pct is None else goal.ramp_pct), 100)
        actual = actuals.of(goal)
        yield {
            "goal_id": goal.goal_id,
            "goal_version": goal.version,
            "lens": "as_sold",
            "owner_type": goal.owner_type,
            "crm_user_id": goal.owner_id if goal.owner_type == "rep" else None,
            "owner_name": _owner_name(facts, goal),
            "metric": goal.metric,
            "period_start_on": goal.start_on,
            "period_end_on": goal.end_on,
            "set_on": goal.set_on,
            "target_amount": decimal(target),
            "actual_amount": decimal(actual),
            "attainment_pct": None if target == 0 else decimal(half_away(actual * 100 * 10**6, target), 6),
        }


def _owner_name(facts: Facts, goal: Goal) -> str:
    owner_id = goal.owner_id or ""
    return {"rep": lambda: facts.persons[owner_id].name, "team": lambda: facts.world.teams[owner_id], "company": lambda: facts.world.name}[goal.owner_type]()


class _Actuals:
    """What was reached, by owner and day, so that a thousand goals need one pass over the sales."""

    def __init__(self, facts: Facts) -> None:
        self.days: dict[tuple[str, str, str], dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
        for sale in facts.sales:
            for user, revenue, margin in sale.sellers:
                self._add(facts, user, sale.on, "revenue", revenue)
                self._add(facts, user, sale.on, "gross_margin", margin)
        for win in facts.wins.values():
            self._add(facts, win.acquirer_id, win.on, "new_customers", UNIT)

    def _add(self, facts: Facts, user: str, day: dt.date, metric: str, amount: int) -> None:
        for kind in ("rep", "team", "company"):
            self.days[kind, facts.group(kind, user, day), metric][day] += amount

    def of(self, goal: Goal) -> int:
        days = self.days[goal.owner_type, goal.owner_id or "company", goal.metric]
        return sum(amount for day, amount in days.items() if goal.start_on <= day < goal.end_on)


def company_revenue(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a fiscal year and channel."""
    sums: dict[tuple[int, str], int] = defaultdict(int)
    orders: dict[tuple[int, str], set[str]] = defaultdict(set)
    for sale in facts.sales:
        key = (fiscal_year(sale.on, start_month), sale.line.channel)
        sums[key] += sale.revenue
        orders[key].add(sale.line.order_id)
    for key, revenue in sorted(sums.items()):
        yield {"fiscal_year": key[0], "channel": key[1], "basis": "nominal", "revenue_amount": decimal(revenue), "order_count": len(orders[key])}


def fct_rep_cost(facts: Facts) -> Iterator[Row]:
    """Cost as it was charged."""
    names = ("crm_user_id", "employee_number", "month_on", "component", "currency")
    for key, (amount, local) in sorted(facts.costs.rows.items()):
        yield dict(zip(names, key, strict=True)) | {"cost_amount": decimal(amount), "cost_local_amount": decimal(local)}


def fct_credit(facts: Facts) -> Iterator[Row]:
    """Under the policy that the demo declares: all of a line to whoever won the account."""
    for sale in facts.sales:
        win = facts.wins[sale.account_id]
        yield {
            "order_line_id": str(sale.line.line_id),
            "crm_user_id": win.acquirer_id,
            "credit_role": "originate",
            "credited_on": sale.on,
            "reason": "no acquirer" if win.acquirer_id == UNKNOWN else "acquirer",
            "credited_amount": decimal(sale.revenue),
        }
