"""From which rows of the warehouse each column of each answer is made, and by which rules: the map that `explain` follows.

Belongs here: columns, trails, sums that must tie, rules in words. Doesn't: running them (`explanation`).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestration.explain.cell import Cell

Where = dict[str, Any]
"""Column → the value that it must have."""

ORDER_LINE, LINE, GOAL = "order line", "line", "goal"
"""What a trail's rows are: they name an order line, are delivered lines of cost themselves, or versions of goals."""

_COST_LINE = "(select *, case when component = 'expenses' then 'expense_line' else 'pay_item' end as entity from core.core_cost_line)"
_CREDIT = """(
    select credit.*, shares.split_pct, 1 as times
    from main.fct_credit as credit
    left join core.core_revenue_share as shares
        on credit.order_line_id = shares.order_line_id and credit.crm_user_id = shares.crm_user_id and credit.credit_role = 'sell'
)"""


@dataclass(frozen=True)
class Sum:
    """A sum that must be the part's total. amount: an SQL expression over the table's rows."""

    table: str
    amount: str
    where: Where


@dataclass(frozen=True)
class Part:
    """One of the amounts that a figure is made of, and its delivered lines.

    total: as it is published. trail: the view of its lines, an order line's money being looked up in core_order_line; amount: what a row
    of it adds, an SQL expression; weight: what of it the line has, if a line stands in it only in part: (numerator, denominator) as SQL.
    sums: tables on the way, which must have the same total. sign: -1 for what is taken off.
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


@dataclass(frozen=True)
class Way:
    """What a cell is made of. rule: how the parts make the value. versions: (entity, key columns) of the rows that a text was read from."""

    parts: tuple[Part, ...] = ()
    rule: str = ""
    versions: tuple[tuple[str, Where], ...] = ()


HOLDERS = {"rep": "crm_user_id", "team": "team_id", "manager": "manager_crm_user_id", "territory": "territory_id", "company": None}
_SHARED = "revenue goes to who sold the line: by the revenue split of its opportunity on the line's date, else to the order's rep"
_WON = "a customer belongs for ever to the rep of its first line that a rep sold, or to whom the source declares"
_COST = "pay items by the month that they are for, expense lines by the day spent, rejected and withdrawn ones left out"
_NOT_MEASURED = "not measured yet: null in every row"


def way_of(cell: Cell, as_of: dt.date, year_end: Callable[[int], dt.date]) -> Way | None:
    """The way back from a cell; None for a table whose cells have none. year_end: the day after the last of a fiscal year."""
    make = _WAYS.get(cell.table)
    return make(cell, _Dates(as_of, year_end)) if make else None


@dataclass(frozen=True)
class _Dates:
    as_of: dt.date
    year_end: Callable[[int], dt.date]

    def read_on(self, lens: str, year: int) -> dt.date:
        latest = self.as_of - dt.timedelta(days=1)
        return min(self.year_end(year) - dt.timedelta(days=1), latest) if lens == "as_was" else latest


def _holder(cell: Cell, dates: _Dates) -> Way:
    row = cell.row
    holder_type = row.get("group_type", "rep")
    column = HOLDERS[holder_type]
    held = {} if column is None else {column: row["crm_user_id"] if holder_type == "rep" else row["group_id"]}
    reading = {"holder_type": holder_type, "holder_id": row.get("crm_user_id") or row.get("group_id")}
    attributes = {"rep_name": ("crm_user", "employee"), "employee_number": ("crm_user", "employee"), "group_name": ("crm_user", "territory")}
    if cell.column in attributes:
        return Way(rule="read from the rows of master data that are believed now", versions=_persons(row, holder_type))
    if cell.column == "cost_components_missing":
        rule = "every component that nobody's cost of the fiscal year has; of a career, that some year lacks"
        return Way(parts=(_cost_part(cell, held, reading),), rule=rule)
    return _measured(cell, _value_part(cell, held, reading, dates), _cost_part(cell, held, reading), _customer_parts(cell, held))


def _persons(row: Mapping[str, Any], holder_type: str) -> tuple[tuple[str, Where], ...]:
    if holder_type == "territory":
        return (("territory", {"territory_id": row["group_id"]}),)
    if holder_type in ("rep", "manager"):
        user = ("crm_user", {"crm_user_id": row.get("crm_user_id") or row["group_id"]})
        number = row.get("employee_number")
        return (user, ("employee", {"employee_number": number})) if number else (user,)
    return (("crm_user", {"team_id": row["group_id"]}),) if holder_type == "team" else ()


def _measured(cell: Cell, value: Part, cost: Part, customers: Mapping[str, Part]) -> Way:
    """The columns that every answer about value and cost shares."""
    if cell.value is None and (cell.column in (*customers, "is_mature", "revenue_amount", "realised_ltv_amount")):
        return Way(rule="null: no figure of this reading")
    ways = {
        "revenue_amount": Way((value,)),
        "value_amount": Way((value,)),
        "realised_ltv_amount": Way((value,)),
        "cost_amount": Way((cost,)),
        "net_value_amount": Way((value, replace(cost, sign=-1)), "value less cost"),
        "value_ratio": Way((value, cost), "value ÷ cost, to 6 digits; null where nothing was spent"),
        "is_mature": Way((customers["customers_acquired"],), "true if the age of the last customer that was won had been reached by the as-of date"),
        **{name: Way((part,)) for name, part in customers.items()},
    }
    return ways.get(cell.column, Way(rule=_NOT_MEASURED))


def _cohort(row: Mapping[str, Any]) -> Where:
    """A career is every cohort to date."""
    if row["reading"] == "career":
        return {"lens": row["lens"], "reading": "cohort", "age_months": None}
    return {name: row[name] for name in ("lens", "reading", "fiscal_year", "age_months")}


def _year(row: Mapping[str, Any]) -> Where:
    """A career is of every year."""
    return {} if row["fiscal_year"] is None else {"fiscal_year": row["fiscal_year"]}


def _amount(cell: Cell) -> tuple[str, Any]:
    """What of a line counts, and the published total."""
    if cell.column == "revenue_amount":
        return "revenue_amount", cell.value
    return "gross_margin_amount" if cell.row["value_measure"] == "gross_margin" else "revenue_amount", cell.row["value_amount"]


def _value_part(cell: Cell, held: Where, reading: Where, dates: _Dates) -> Part:
    row = cell.row
    amount, total = _amount(cell)
    where = held | _cohort(row)
    whole = {name: row[name] for name in ("lens", "reading", "fiscal_year", "age_months", "value_measure")}
    answered = Sum("core.core_value_reading", "revenue_amount" if cell.column == "revenue_amount" else "value_amount", reading | whole)
    is_book = row["reading"] == "book"
    sums = (answered,) if is_book else (answered, Sum("core.core_value_piece", amount, where))
    share = ("1", "12") if is_book else None
    return Part("value", total, "trail.trail_value", amount, where, share=share, sums=sums, rules=(_value_rule(row, dates),))


def _value_rule(row: Mapping[str, Any], dates: _Dates) -> str:
    lens, year = row["lens"], row["fiscal_year"]
    if row["reading"] in ("cohort", "career"):
        until = "to date" if row["age_months"] is None else f"before each customer's {row['age_months']} months were over"
        return f"what the customers won bought {until}; {_WON}"
    if row["reading"] == "book":
        held = "owned at the month's end" if lens == "as_sold" else f"owned on {dates.read_on(lens, year)}"
        return f"what the accounts {held} had ever bought by each month's end of the fiscal year that is over: summed, ÷ 12, to 4 decimals"
    return _SHARED if lens == "as_sold" else f"what was sold in the fiscal year to the accounts owned on {dates.read_on(lens, year)}, whoever sold it"


def _cost_part(cell: Cell, held: Where, reading: Where) -> Part:
    row = cell.row
    where = held | {"lens": row["lens"]} | _year(row)
    whole = {"lens": row["lens"], "fiscal_year": row["fiscal_year"]}
    sums = (Sum("core.core_holder_cost", "cost_amount", reading | whole),)
    return Part("cost", row["cost_amount"], "trail.trail_cost", "cost_amount", where, LINE, sums=sums, rules=(_COST,))


def _customer_parts(cell: Cell, held: Where) -> Mapping[str, Part]:
    row = cell.row
    where = held | {"lens": row["lens"]} | _year(row)
    counted = {"customers_acquired": {}, "left_censored_customers": {"acquisition_basis": "left_censored"}}
    return {name: Part("customers", row[name], "trail.trail_customer", "1", where | more, rules=(_WON,)) for name, more in counted.items() if name in row}


def _segment(cell: Cell, dates: _Dates) -> Way:
    row = cell.row
    held = {row["segment_type"]: row["segment"]}
    if "retention" in cell.column or "retained" in cell.column or "before" in cell.column:
        return _retention(cell)
    if cell.column == "payback_months":
        return Way((_segment_value(cell, held, dates), _segment_cost(cell)), "the age at which the value that the cohort had brought reached its cost")
    return _measured(cell, _segment_value(cell, held, dates), _segment_cost(cell), _customer_parts(cell, held))


_BOUGHT = """(
    select
        lines.order_line_id, lines.revenue_amount, null as split_pct, 1 as times, segments.segment_type, segments.segment,
        before.fiscal_year + 1 as fiscal_year, lines.fiscal_year = before.fiscal_year as is_before,
        row_number() over (partition by before.account_id, before.fiscal_year, lines.fiscal_year order by lines.order_line_id) as place,
        before.amount as before_amount, after.amount as after_amount
    from (select account_id, fiscal_year, sum(revenue_amount) as amount from core.core_sale_account group by all having amount > 0) as before
    inner join core.core_customer_segment as segments on before.account_id = segments.account_id and segments.lens = 'as_sold'
    left join (select account_id, fiscal_year, sum(revenue_amount) as amount from core.core_sale_account group by all having amount > 0) as after
        on before.account_id = after.account_id and before.fiscal_year + 1 = after.fiscal_year
    inner join core.core_order_line as lines on before.account_id = lines.account_id
        and (lines.fiscal_year = before.fiscal_year or lines.fiscal_year = after.fiscal_year)
)"""
_RETAINED = "customers are in the segment in which they were won; one whose refunds outweigh its purchases bought nothing"


def _retention(cell: Cell) -> Way:
    """What the customers of the year before bought then, and in the year."""
    row = cell.row
    if cell.value is None:
        return Way(rule="null: no figure of this row")
    where = {"segment_type": row["segment_type"], "segment": row["segment"], "fiscal_year": row["fiscal_year"]}

    def part(name: str, amount: str, *, is_before: bool, share: tuple[str, str] | None = None) -> Part:
        sums = (Sum("core.core_segment_retention", name, where),)
        return Part(name, row[name], _BOUGHT, amount, where | {"is_before": is_before}, share=share, sums=sums, rules=(_RETAINED,))

    first = "case when place = 1 then 1 else 0 end"
    parts = {
        "customers_before": part("customers_before", first, is_before=True),
        "customers_retained": part("customers_retained", first, is_before=False),
        "before_amount": part("before_amount", "revenue_amount", is_before=True),
        "net_retained_amount": part("net_retained_amount", "revenue_amount", is_before=False),
        "gross_retained_amount": part("gross_retained_amount", "revenue_amount", is_before=False, share=("least(before_amount, after_amount)", "after_amount")),
    }
    if cell.column in parts:
        return Way((parts[cell.column],))
    amount = cell.column.replace("_retention_pct", "_retained_amount")
    return Way((parts[amount], parts["before_amount"]), "100 × retained ÷ bought in the year before, to 6 digits")


def _segment_value(cell: Cell, held: Where, dates: _Dates) -> Part:
    row = cell.row
    amount, total = _amount(cell)
    named = {"segment_type": row["segment_type"], "segment": row["segment"]}
    sums = (Sum("core.core_segment_value", amount, named | _cohort(row)),)
    return Part("value", total, "trail.trail_value", amount, held | _cohort(row), sums=sums, rules=(_value_rule(row, dates),))


def _segment_cost(cell: Cell) -> Part:
    row = cell.row
    named = {"segment_type": row["segment_type"], "segment": row["segment"], "lens": row["lens"]}
    where = named | _year(row)
    rules = (_COST, "a rep's year is split by the rep's revenue in each segment (unknown if none); marketing spend joins its method")
    sums = (Sum("core.core_segment_cost", "cost_amount", where),)
    share = ("part_amount", "whole_cost_amount")
    return Part("cost", row["cost_amount"], "trail.trail_segment_cost", "cost_amount", where, LINE, share, sums, rules)


def _goal(cell: Cell, _: _Dates) -> Way:
    row = cell.row
    goal = {"goal_id": row["goal_id"], "goal_version": row["goal_version"]}
    delivered = (("goal", goal),)
    column = {"revenue": "revenue_amount", "gross_margin": "gross_margin_amount", "new_customers": "new_customers"}.get(row["metric"])
    target = Part("target", row["target_amount"], "core.core_goal", "target_amount", goal, GOAL, rules=("the delivered target times its ramp, if it has one",))
    if cell.column == "target_amount":
        return Way((target,))
    if cell.column not in ("actual_amount", "attainment_pct"):
        return Way(rule=_NOT_MEASURED) if cell.column == "probability_when_set" else Way(rule="as the goal was delivered", versions=delivered)
    if column is None:
        return Way(rule=f"nothing measures `{row['metric']}`: choose revenue, gross_margin or new_customers", versions=delivered)
    where = goal | {"lens": row["lens"]} | ({"new_customers": 1} if column == "new_customers" else {"new_customers": 0})
    sums = (Sum("core.core_goal_reached", column, goal | {"lens": row["lens"]}),)
    actual = Part("actual", row["actual_amount"], "trail.trail_goal", column, where, sums=sums, rules=(_SHARED if row["lens"] == "as_sold" else _WON,))
    return Way((actual,)) if cell.column == "actual_amount" else Way((actual, target), "100 × actual ÷ target, to 6 digits")


def _customer(cell: Cell, _: _Dates) -> Way:
    row = cell.row
    account = {"account_id": row["account_id"]}
    amount = {"realised_ltv_amount": "revenue_amount", "realised_margin_amount": "gross_margin_amount"}.get(cell.column)
    if amount:
        sums = (Sum("core.core_customer_ltv", amount, account | {"age_months": None}),)
        rules = ("every line of the account and of those merged into it, before the as-of date, refunds off",)
        where = account | {"lens": "as_sold", "reading": "cohort", "age_months": None}
        return Way((Part("value", cell.value, "trail.trail_value", amount, where, sums=sums, rules=rules),))
    if cell.column in ("acquired_on", "acquisition_basis", "acquiring_crm_user_id"):
        where = account | {"lens": "as_sold"}
        return Way((Part("customers", None, "trail.trail_customer", "1", where),), _WON, versions=(("account", account),))
    if cell.column.startswith("projected"):
        return Way(rule=_NOT_MEASURED)
    return Way(rule="read from the account as last known; the region from the territory of the line that won it", versions=(("account", account),))


def _company(cell: Cell, dates: _Dates) -> Way:
    row = cell.row
    where = {"fiscal_year": row["fiscal_year"], "channel": row["channel"]}
    known = f"from core.core_order_line where ordered_on < date '{dates.as_of}'"
    if cell.column == "order_count":
        firsts = (
            f"(select fiscal_year, channel, min(order_line_id) as order_line_id, null as split_pct, 1 as times {known} group by fiscal_year, channel, order_id)"
        )
        return Way((Part("orders", cell.value, firsts, "1", where),), "each order once, by the line of its lowest id")
    lines = f"(select *, null as split_pct, 1 as times {known})"
    return Way((Part("value", cell.value, lines, "revenue_amount", where, rules=("every line before the as-of date, refunds off",)),))


_FUNNEL_CUTS = {"rep": "crm_user_id", "region": "region", "industry": "industry", "acquisition_method": "acquisition_method"}
_DEALS = "by the deal's owner, and the owner's groups on the last day of the fiscal year"
_FUNNEL_RATES = {
    "win_rate_pct": ("opportunities_won", "opportunities_lost", "100 × won ÷ (won + lost)"),
    "win_rate_amount_pct": ("won_amount", "lost_amount", "100 × won ÷ (won + lost)"),
    "mean_deal_amount": ("won_amount", "opportunities_won", "amount won ÷ deals won"),
    "mean_cycle_days": ("cycle_days", "dated_wins", "days from creation to win ÷ wins whose creation is known"),
    "discount_pct": ("discount_amount", "list_amount", "100 × discount ÷ list price"),
}


def _funnel(cell: Cell, _: _Dates) -> Way:
    """A deal by the delivered line that says last what became of it; a discount by order lines; a target by goals."""
    row = cell.row
    if cell.column in ("target_amount", "pipeline_coverage_pct"):
        owner = {"owner_type": row["cut_type"], "owner_id": row["cut_id"], "fiscal_year": row["fiscal_year"]}
        rules = ("the revenue goal of the year, else the longest parts of it that have one, each in its last version",)
        target = Part("target", row["target_amount"], "core.core_year_goal", "target_amount", owner, GOAL, rules=rules)
        if cell.column == "target_amount":
            return Way((target,))
        return Way((_funnel_part(cell, "pipeline_amount"), target), "100 × pipeline on the first day ÷ target of the year")
    if cell.column in _FUNNEL_RATES:
        left, right, rule = _FUNNEL_RATES[cell.column]
        return Way((_funnel_part(cell, left), _funnel_part(cell, right)), rule)
    return Way((_funnel_part(cell, cell.column),))


def _funnel_part(cell: Cell, column: str) -> Part:
    row = cell.row
    cut = _FUNNEL_CUTS.get(row["cut_type"]) or HOLDERS[row["cut_type"]]
    where = {"fiscal_year": row["fiscal_year"]} | ({cut: row["cut_id"]} if cut else {})
    if column in ("list_amount", "discount_amount"):
        return Part(column, row[column], "trail.trail_list_sale", column, where, rules=("lines whose list price is known, by the order's rep",))
    amount = column.removeprefix("opportunities_")
    said = "opportunity_amount as cost_local_amount, reporting_amount as cost_amount, null as fx_rate_id, 'opportunity' as entity"
    deals = f"(select *, {said} from trail.trail_deal where {amount} <> 0)"
    return Part(column, row.get(column), deals, amount, where, LINE, rules=(_DEALS,))


def _rep_cost(cell: Cell, _: _Dates) -> Way:
    where = {name: cell.row[name] for name in ("crm_user_id", "employee_number", "month_on", "component", "currency")}
    return Way((Part("cost", cell.value, _COST_LINE, cell.column, where, LINE, rules=(_COST,)),))


def _credit(cell: Cell, _: _Dates) -> Way:
    where = {name: cell.row[name] for name in ("order_line_id", "crm_user_id", "credit_role", "credited_on")}
    if cell.column != "credited_amount":
        return Way(rule="as the declared credit policy says", versions=(("order_line", {"order_line_id": cell.row["order_line_id"]}),))
    return Way((Part("credit", cell.value, _CREDIT, "credited_amount", where, rules=(f"the declared credit policy: {cell.row['reason']}",)),))


_WAYS: Mapping[str, Callable[[Cell, _Dates], Way]] = {
    "rep_value": _holder,
    "group_value": _holder,
    "segment_value": _segment,
    "goal_attainment": _goal,
    "customer_lifetime_value": _customer,
    "company_revenue": _company,
    "deal_funnel": _funnel,
    "fct_rep_cost": _rep_cost,
    "fct_credit": _credit,
}
EXPLAINED = (*_WAYS, "rep_year", "group_year", "segment_year")
"""The tables from whose cells there is a way back."""
