"""The other true answers: customers, segments, goals, the company's revenue, and what reps cost.

Belongs here: every answer but value against cost (`truth`). Doesn't: the rules of credit and cost (`facts`), files.

Where the rules leave room, this is how they are read:
- Cost of the *unknown* rep goes to the *unknown* segment, so that sales without a rep have no cost; a rep's cost is shared by the
  sum of his sales in each segment, where that is positive. Parts of equal remainder: the first segment by name gets it.
- A pair of segments is one like any other, of what is on both sides; a rep's year is split over pairs by what was sold in each, a method's
  spend over its pairs by what its customers bought in the year (the parts that are positive), else on the side *unknown*.
- Under the next-best key the parts are the accounts that a rep has a line of in the year, each once a segment; of a method's spend, these
  of all reps and of *unknown*, so that an account of two reps counts twice.
- The lifetime value of a region is that of the customers counted there: a customer's region is that of the line that won it, for ever.
- An account without a method of its own is *unknown*, also when it names a campaign.
- A region is named as its territory is named now. `value_amount` stands beside the published columns: what `value_ratio` divides.
- `revenue_amount` of a segment is null on cohort and career rows, `realised_ltv_amount` on year rows, `is_mature` on all but cohort rows with an age.
- A segment's career exists when it has a row of any year; marketing spend that names neither method nor campaign is *unknown*'s.
- Industry and acquisition method are cut as sold alone: what an account is in does not depend on who holds it. Through another lens the
  region of a customer is that of whoever owned it at the end of the year in which it was won, or owns it now.
- As sold, a territory's goal counts the territory of the order; through another lens, that of the account's owner (customers: of the winner).
- Every goal version is measured over its whole period, as far as the as-of date.
"""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

from orchestration.demo.bases import in_basis, in_real
from orchestration.demo.calendar import AS_OF, fiscal_year, fiscal_year_end
from orchestration.demo.events import UNKNOWN, Account
from orchestration.demo.facts import MEASURES, Facts, Sale, Values, Win
from orchestration.demo.lenses import LENSES, ONE_DAY, bought_in_years, read_in_year, read_on, region_held, sold_in_regions
from orchestration.demo.marketing import reporting
from orchestration.demo.money import UNIT, decimal, half_away, shares
from orchestration.demo.plan_events import Goal
from orchestration.demo.truth import AGES, Row, is_mature, ledger_of, ratio, standards_of, value_ratio
from orchestration.demo.truth_contracts import recognised_in_years

_PAY = ("earned", "unpaid", "earned_before", "paid")
SEGMENTS: dict[str, tuple[str, ...]] = {
    **{side: (side,) for side in ("region", "industry", "acquisition_method")},
    **{"_".join(pair): pair for pair in (("region", "industry"), ("industry", "acquisition_method"), ("region", "acquisition_method"))},
}
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
                "basis": facts.basis,
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
    """Revenue, cost and wins of the segments of one type through one lens, by segment and fiscal year."""

    def __init__(self, facts: Facts, start_month: int, kind: str, lens: str) -> None:
        self.facts, self.start_month, self.kind, self.lens = facts, start_month, kind, lens
        self.accounts = {account.account_id: account for account in facts.world.accounts}
        self.sold: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
        self.won: dict[tuple[str, int], list[Win]] = defaultdict(list)
        self.cost: dict[tuple[str, int], int] = defaultdict(int)
        self.next_cost: dict[tuple[str, int], int] = defaultdict(int)
        self.standard_cost: dict[tuple[str, int], int] = defaultdict(int)
        sold_by: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        served: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for user, account_id, segment, year, (revenue, margin) in self._sales():
            sold_by[user, year][segment] += revenue
            served[user, year][segment].add(account_id)
            self.sold[segment, year][0] += revenue
            self.sold[segment, year][1] += margin
        for win in facts.wins.values():
            segment = self.of_win(win)
            self.won[segment, fiscal_year(win.on, start_month)].append(win)
        own = _year_costs(facts, start_month)
        self._charge(self.cost, own, sold_by)
        self._charge(self.standard_cost, _standard_year_costs(facts, start_month), sold_by)
        self._charge(self.next_cost, own, {key: {segment: len(accounts) for segment, accounts in parts.items()} for key, parts in served.items()})

    def _sales(self) -> Iterator[tuple[str, str, str, int, Values]]:
        """Who sold, or through another lens who looked after the account: user, account, segment, fiscal year, revenue and margin."""
        if self.lens == "as_sold":
            for (user, account_id, region, year), values in sold_in_regions(self.facts, self.start_month).items():
                yield user, account_id, self._name(account_id, dt.date.max, region), year, values
            return
        for (account_id, year), values in bought_in_years(self.facts, self.start_month).items():
            last_on = fiscal_year_end(year, self.start_month) - ONE_DAY
            owner = self.facts.owner_on(account_id, read_in_year(self.lens, last_on, year, self.start_month))
            yield owner, account_id, self._name(account_id, last_on, ""), year, values

    def of_win(self, win: Win) -> str:
        return self._name(win.account_id, win.on, win.region)

    def _name(self, account_id: str, on: dt.date, sold_in: str) -> str:
        sides = (self._region(account_id, on, sold_in) if side == "region" else self.of_account(account_id, side) for side in SEGMENTS[self.kind])
        return " × ".join(sides)

    def _region(self, account_id: str, on: dt.date, sold_in: str) -> str:
        if self.lens == "as_sold":
            return sold_in
        return region_held(self.facts, account_id, read_in_year(self.lens, on, fiscal_year(on, self.start_month), self.start_month))

    def of_account(self, account_id: str, side: str) -> str:
        account = self.accounts[account_id]
        return industry_now(account) if side == "industry" else account.method or UNKNOWN

    def _charge(self, charged: dict[tuple[str, int], int], costs: Mapping[tuple[str, int], int], sold_by: Mapping[tuple[str, int], Mapping[str, int]]) -> None:
        """Each rep's year, by what the rep has in each segment; the spend on a method, by what all have in those of its segments."""
        unknown = " × ".join(UNKNOWN for _ in SEGMENTS[self.kind])
        for (user, year), amount in costs.items():
            _spread(charged, year, amount, {} if user == UNKNOWN else sold_by.get((user, year), {}), unknown)
        sold: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (_, year), parts in sold_by.items():
            for segment, part in parts.items():
                sold[segment.split(" × ")[-1], year][segment] += part
        for (method, year), amount in self._spends().items():
            _spread(charged, year, amount, sold.get((method, year), {}), method if self.kind == "acquisition_method" else f"{UNKNOWN} × {method}")

    def _spends(self) -> dict[tuple[str, int], int]:
        """What was spent on each method and year, where the kind of segment tells methods apart."""
        spent: dict[tuple[str, int], int] = defaultdict(int)
        for spend in self.facts.world.spends if "acquisition_method" in SEGMENTS[self.kind] else ():
            method = spend.method or (spend.campaign.method if spend.campaign else UNKNOWN)
            amount = in_basis(self.facts.world, self.facts.basis, spend.amount, spend.currency, spend.month_on)
            spent[method, fiscal_year(spend.month_on, self.start_month)] += amount
        return spent


@lru_cache(maxsize=8)
def _year_costs(facts: Facts, start_month: int) -> dict[tuple[str, int], int]:
    """What each rep cost in each fiscal year, all of it."""
    costs: dict[tuple[str, int], int] = defaultdict(int)
    for (user, _, month_on, _, _), (amount, _) in facts.costs.rows.items():
        costs[user, fiscal_year(month_on, start_month)] += amount
    return dict(costs)


@lru_cache(maxsize=8)
def _standard_year_costs(facts: Facts, start_month: int) -> dict[tuple[str, int], int]:
    """The same with everybody's year at standard cost; what is in no person's year as it was paid."""
    costs, own = dict(_year_costs(facts, start_month)), ledger_of(facts, start_month, "rep", "as_sold").cost
    for (user, year), standard in standards_of(facts, start_month).items():
        if year is not None:
            costs[user, year] += standard.costs[0] - own[user, year]
    return costs


def _spread(charged: dict[tuple[str, int], int], year: int, amount: int, sold: Mapping[str, int], otherwise: str) -> None:
    weights = {segment: part for segment, part in sorted(sold.items()) if part > 0} or {otherwise: 1}
    for segment, part in zip(weights, shares(amount, list(weights.values())), strict=True):
        charged[segment, year] += part


def segment_value(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a segment, reading, year, age, lens and measure."""
    for kind, lens in [(kind, "as_sold") for kind in SEGMENTS] + [("region", lens) for lens in LENSES[1:]]:
        segments = Segments(facts, start_month, kind, lens)
        retention = retained(segments) if lens == "as_sold" else {}
        years = sorted(segments.sold.keys() | segments.won.keys() | segments.cost.keys() | retention.keys())
        for segment, year in years:
            for row in _segment_year(segments, segment, year):
                is_told = row["reading"] == "year" and row["value_measure"] == "revenue"
                yield row | (retention.get((segment, year), {}) if is_told else {})
        for segment in sorted({segment for segment, _ in years}):
            wins = [win for (name, _), found in segments.won.items() if name == segment for win in found]
            cost, standard = (sum(amount for (name, _), amount in of.items() if name == segment) for of in (segments.cost, segments.standard_cost))
            for measure, value in enumerate(facts.ltv_of(wins, None)):
                yield _segment_row(segments, segment, "career", None, None, measure, value, (cost, standard), len(wins))


def _segment_year(segments: Segments, segment: str, year: int) -> Iterator[Row]:
    wins, cost = segments.won.get((segment, year), []), segments.cost.get((segment, year), 0)
    costs = cost, segments.standard_cost.get((segment, year), 0)
    sold = segments.sold.get((segment, year), [0, 0])
    for measure in range(len(MEASURES)):
        row = _segment_row(segments, segment, "year", year, None, measure, sold[measure], costs, len(wins))
        yield row | {"revenue_amount": decimal(sold[0]), "realised_ltv_amount": None} | _under_next_key(segments, segment, year, sold[measure])
    for age in AGES:
        mature = is_mature(wins, age, year, segments.start_month)
        for measure, value in enumerate(segments.facts.ltv_of(wins, age)):
            yield _segment_row(segments, segment, "cohort", year, age, measure, value, costs, len(wins)) | {
                "is_mature": mature,
                "payback_months": payback_months(segments.facts, wins, cost, measure) if age is None and segments.lens == "as_sold" else None,
            }


def _under_next_key(segments: Segments, segment: str, year: int, value: int) -> Row:
    """As sold alone."""
    if segments.lens != "as_sold":
        return {}
    cost = segments.next_cost.get((segment, year), 0)
    return {"next_key": "customers", "next_key_cost_amount": decimal(cost), "next_key_value_ratio": value_ratio(value, cost)}


def payback_months(facts: Facts, wins: list[Win], cost: int, measure: int) -> int | None:
    """The first age, in months, by which the customers had brought the cost; None while they have not, or nothing was spent."""
    gained: dict[int, int] = defaultdict(int)
    for win in wins if cost > 0 else ():
        for age, values in facts.sold_at_ages[win.account_id].items():
            gained[age] += values[measure]
    value = 0
    for age in sorted(gained):
        value += gained[age]
        if value >= cost:
            return age
    return None


def retained(segments: Segments) -> dict[tuple[str, int], Row]:
    """What the customers of one year came to in the next, by segment and year: each in the segment of its win, refunds beyond purchases as nothing."""
    bought: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (account_id, year), amount in recognised_in_years(segments.facts, segments.start_month).items():
        bought[account_id][year] = amount
    found: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for account_id, years in bought.items():
        for year, before in years.items():
            if before > 0 and fiscal_year_end(year + 1, segments.start_month) <= AS_OF:
                after = max(years.get(year + 1, 0), 0)
                sums = found[segments.of_win(segments.facts.wins[account_id]), year + 1]
                for place, one in enumerate((1, int(after > 0), before, min(before, after), after)):
                    sums[place] += one
    return {
        key: {
            "customers_before": sums[0],
            "customers_retained": sums[1],
            "before_amount": decimal(sums[2]),
            "gross_retained_amount": decimal(sums[3]),
            "net_retained_amount": decimal(sums[4]),
            "gross_retention_pct": ratio(100 * sums[3], sums[2]),
            "net_retention_pct": ratio(100 * sums[4], sums[2]),
        }
        for key, sums in found.items()
    }


def _segment_row(
    segments: Segments, segment: str, reading: str, year: int | None, age: int | None, measure: int, value: int, costs: tuple[int, int], won: int
) -> Row:
    """costs: as it is, and with everybody at standard."""
    (cost, standard), sides = costs, segment.split(" × ")
    return {
        "segment_type": segments.kind,
        "segment": segment,
        "first_segment": sides[0],
        "second_segment": sides[1] if len(sides) > 1 else None,
        "allocation_key": "revenue",
        "allocation_key_version": 1,
        "reading": reading,
        "fiscal_year": year,
        "age_months": age,
        "lens": segments.lens,
        "basis": segments.facts.basis,
        "value_measure": MEASURES[measure],
        "customers_acquired": won,
        "realised_ltv_amount": decimal(value),
        "value_amount": decimal(value),
        "cost_amount": decimal(cost),
        "value_ratio": value_ratio(value, cost),
        "standard_cost_amount": decimal(standard),
        "standard_value_ratio": value_ratio(value, standard),
    }


def sellers(facts: Facts, sale: Sale, lens: str, period_end_on: dt.date) -> tuple[tuple[str, int, int], ...]:
    """For whom a sale counts (user, revenue, margin): who sold it, or who looked after the account when the lens looks."""
    if lens == "as_sold":
        return sale.sellers
    return ((facts.owner_on(sale.account_id, read_on(lens, sale.on, period_end_on)), *sale.values),)


def full_target(goal: Goal) -> int:
    """The target after ramp-up."""
    return half_away(goal.target * (100 if goal.ramp_pct is None else goal.ramp_pct), 100)


def target_in_basis(facts: Facts, goal: Goal) -> int:
    """Reporting money, so the same at constant rates; real money is of the month in which the period begins. Customers are no money."""
    is_money = goal.metric != "new_customers"
    return in_real(facts.world, full_target(goal), goal.start_on) if is_money and facts.basis == "real" else full_target(goal)


def goal_attainment(facts: Facts) -> Iterator[Row]:
    """A row a goal version and lens."""
    actuals = _Actuals(facts)
    for goal, lens in [(goal, lens) for goal in facts.world.goals for lens in LENSES]:
        target = target_in_basis(facts, goal)
        actual = actuals.of(goal, lens)
        yield {
            "goal_id": goal.goal_id,
            "goal_version": goal.version,
            "lens": lens,
            "basis": facts.basis,
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
    names = {
        "rep": lambda: facts.persons[owner_id].name,
        "team": lambda: facts.world.teams[owner_id],
        "territory": lambda: facts.territory_names[owner_id],
        "company": lambda: facts.world.name,
    }
    return names[goal.owner_type]()


def territory_events(facts: Facts) -> Iterator[tuple[str, dt.date, str, int]]:
    """What was sold and won in each territory, by the territory of the order: (territory, day, metric, amount)."""
    for sale in facts.sales:
        territory = sale.line.territory_id or UNKNOWN
        yield territory, sale.on, "revenue", sale.revenue
        yield territory, sale.on, "gross_margin", sale.margin
    for win in facts.wins.values():
        yield win.territory_id, win.on, "new_customers", UNIT


class _Actuals:
    """What was reached within a period through a lens, by owner and metric: one pass over the sales for all goals of the period."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.days = [sale.on for sale in facts.sales]
        self.events = sorted(territory_events(facts), key=lambda event: event[1])
        self.event_days = [day for _, day, _, _ in self.events]
        self.sums: dict[tuple[str, dt.date, dt.date], dict[tuple[str, str, str], int]] = {}

    def of(self, goal: Goal, lens: str) -> int:
        key = (lens, goal.start_on, goal.end_on)
        if key not in self.sums:
            self.sums[key] = self._period(*key)
        return self.sums[key].get((goal.owner_type, goal.owner_id or "company", goal.metric), 0)

    def _period(self, lens: str, start_on: dt.date, end_on: dt.date) -> dict[tuple[str, str, str], int]:
        facts, sums = self.facts, defaultdict[tuple[str, str, str], int](int)
        kinds = ("rep", "team", "company") if lens == "as_sold" else ("rep", "team", "company", "territory")
        for sale in facts.sales[bisect_left(self.days, start_on) : bisect_left(self.days, end_on)]:
            day = read_on(lens, sale.on, end_on)
            for user, revenue, margin in sellers(facts, sale, lens, end_on):
                for kind in kinds:
                    owner = facts.group(kind, user, day)
                    sums[kind, owner, "revenue"] += revenue
                    sums[kind, owner, "gross_margin"] += margin
        for win in facts.wins.values():
            if start_on <= win.on < end_on:
                for kind in kinds:
                    sums[kind, facts.group(kind, win.acquirer_id, read_on(lens, win.on, end_on)), "new_customers"] += UNIT
        if lens == "as_sold":
            for territory, _, metric, amount in self.events[bisect_left(self.event_days, start_on) : bisect_left(self.event_days, end_on)]:
                sums["territory", territory, metric] += amount
        return sums


def company_revenue(facts: Facts, start_month: int) -> Iterator[Row]:
    """A row a fiscal year and channel."""
    sums: dict[tuple[int, str], int] = defaultdict(int)
    orders: dict[tuple[int, str], set[str]] = defaultdict(set)
    for sale in facts.sales:
        key = (fiscal_year(sale.on, start_month), sale.line.channel)
        sums[key] += sale.revenue
        orders[key].add(sale.line.order_id)
    for key, revenue in sorted(sums.items()):
        yield {"fiscal_year": key[0], "channel": key[1], "basis": facts.basis, "revenue_amount": decimal(revenue), "order_count": len(orders[key])}


def fct_rep_cost(facts: Facts, start_month: int) -> Iterator[Row]:
    """Cost as it was charged."""
    names = ("crm_user_id", "employee_number", "month_on", "component", "currency")
    for key, (amount, local) in sorted(facts.costs.rows.items()):
        row = dict(zip(names, key, strict=True)) | {"fiscal_year": fiscal_year(key[2], start_month)}
        yield row | {"cost_amount": decimal(amount), "cost_local_amount": decimal(local)}


def fct_clawback(facts: Facts) -> Iterator[Row]:
    """Commission that was taken back, and the commission, where the note names one."""
    commissions = {(item.employee_number, item.month_on, item.item_code): item for item in facts.world.pay if item.component == "commission"}
    for item in facts.world.pay:
        if item.claws is not None:
            commission = commissions.get((item.employee_number, *item.claws))
            yield {
                "employee_number": item.employee_number,
                "period_start_on": item.month_on,
                "item_code": item.item_code,
                "clawed_period_start_on": item.claws[0],
                "clawed_item_code": item.claws[1],
                "currency": item.currency,
                "pay_amount": decimal(item.amount),
                "commission_currency": commission.currency if commission else None,
                "commission_pay_amount": decimal(commission.amount) if commission else None,
            }


def pay_reconciliation(facts: Facts, start_month: int) -> Iterator[Row]:
    """Pay by the year in which it was earned, and by that in which it was paid."""
    people = {person.employee_number: person for person in facts.world.people}
    sums: dict[tuple[str, str, str, int], dict[str, list[int]]] = defaultdict(lambda: {name: [0, 0] for name in _PAY})
    for item in facts.world.pay:
        holder = facts.holder(people[item.employee_number])
        if holder is None:
            continue
        amounts = item.by_month(reporting(facts.world, item.amount, item.currency, item.month_on))
        paid = fiscal_year(item.paid_on, start_month) if item.paid_on < AS_OF else None
        for month_on, of_month in item.by_month(item.amount).items():
            earned = fiscal_year(month_on, start_month)
            told = [(earned, "earned"), (paid, "paid"), *([(earned, "unpaid"), (paid, "earned_before")] if paid != earned else [])]
            parts = list(facts.in_parts(holder, item.employee_number, month_on, item.component, amounts[month_on], of_month))
            for (year, name), (component, amount, local) in product((one for one in told if one[0] is not None), parts):
                both = sums[holder, component, item.currency, year or 0][name]
                both[0], both[1] = both[0] + amount, both[1] + local
    for (holder, component, currency, year), row in sorted(sums.items()):
        yield {"crm_user_id": holder, "component": component, "currency": currency, "fiscal_year": year} | {
            f"{name}{suffix}": decimal(amount) for name, both in row.items() for suffix, amount in zip(("_amount", "_local_amount"), both, strict=True)
        }
