"""The way back of lists that have amounts: what is nobody's, what nobody could match, months, customers' months, shares of lines.

Belongs here: `unattributed_cost`, `unmatched_identity`, `period_status`, `fct_customer_value`, `fct_revenue_share`. Doesn't: answers.
"""

import datetime as dt

from orchestration.explain.cell import Cell
from orchestration.explain.sql import units
from orchestration.explain.ways.parts import COST, LEAVE, LINE, SHARED, SPLIT, Dates, Part, Sum, Way, basis_rules
from orchestration.landing.readers import literal
from orchestration.settings import BASES

_NOBODYS = "of a pool what the allocation rule leaves to the house, or what nobody carries"


def unattributed(cell: Cell, _: Dates) -> Way:
    """By the lines of cost that are nobody's as a rep."""
    is_local = cell.column == "cost_local_amount"
    share = ("share_local_amount", "share_whole_local_amount") if is_local else ("share_amount", "share_whole_amount")
    month = "cast(date_trunc('month', month_on) as date) as month_on"
    trail = f"(select * replace ({month}) from trail.trail_nobodys_cost)"
    costs = f"(select * replace ({month}), nobodys_reason as reason from core.core_rep_cost where crm_user_id is null)"
    where = dict(cell.key)
    parts = Part(
        "cost", cell.value, trail, cell.column, where, LINE, (units(share[0]), units(share[1])), (Sum(costs, cell.column, where),), (COST, _NOBODYS, LEAVE)
    )
    return Way((parts,))


def unmatched(cell: Cell, dates: Dates) -> Way:
    """By the order lines that stand under unknown or lack a cost, or by the lines of cost that found no rep."""
    row = cell.row
    is_of_cost = row["id_kind"] in ("employee", "claimant")
    if cell.value is None:
        return Way(rule="null: no amount of this kind of id")
    trail = _unmatched_costs(cell, dates) if is_of_cost else _unmatched_sales(cell, dates)
    if cell.column in ("first_on", "last_on"):
        part = Part("cost" if is_of_cost else "value", None, trail, _amount_of(is_of_cost), {}, LINE if is_of_cost else "order line")
        return Way((part,), "the first and the last day of these lines; of cost the month that it is for")
    amount = "one" if cell.column == "row_count" else cell.column
    rules = (COST if is_of_cost else SHARED,)
    return Way((Part("cost" if is_of_cost else "value", cell.value, trail, amount, {}, LINE if is_of_cost else "order line", rules=rules),))


def _amount_of(is_of_cost: bool) -> str:
    return "cost_amount" if is_of_cost else "revenue_amount"


def _unmatched_costs(cell: Cell, dates: Dates) -> str:
    """A line counts once, also where a year's end cuts its month."""
    row = cell.row
    known = f"crm_user_id = 'unknown' and month_on < date '{dates.as_of}' and _source = {literal(row['source'])}"
    named = f"employee_number = {literal(row['id'])}"
    if row["id_kind"] == "claimant":
        report = "report_id is null" if row["id"] is None else f"report_id = {literal(row['id'])}"
        named = f"employee_number = 'unknown' and {report}"
    once = "case when row_number() over (partition by _file, _line order by month_on) = 1 then 1 else 0 end as one"
    return f"(select *, {once} from core.core_cost_line where {known} and {named})"


def _unmatched_sales(cell: Cell, dates: Dates) -> str:
    row = cell.row
    known = f"lines.ordered_on < date '{dates.as_of}' and lines._source = {literal(row['source'])}"
    shares = "core.core_revenue_share as shares inner join core.core_order_line as lines on shares.order_line_id = lines.order_line_id"
    if row["id_kind"] == "crm_user":
        seller = {
            "no seller named": "shares.crm_user_id = 'unknown' and shares.unmatched_crm_user_id is null",
            "no such CRM user": f"shares.crm_user_id = 'unknown' and shares.unmatched_crm_user_id = {literal(row['id'])}",
        }.get(row["reason"], f"shares.crm_user_id = {literal(row['id'])}")
        return f"(select shares.order_line_id, shares.revenue_amount, 1 as one from {shares} where {known} and {seller})"
    return f"(select order_line_id, revenue_amount, 1 as one from core.core_order_line as lines where {known} and {row['id_kind']}_id = {literal(row['id'])})"


def period(cell: Cell, _: Dates) -> Way:
    """What was first told of a closed month after its close, by these lines; the state by the rows that close and open it."""
    month = cell.row["month_on"]
    closes = (("period_close", {"month_on": month}),)
    if not cell.column.startswith("late_"):
        return Way(rule="closed by the last row about the month that is believed; without one it is preliminary", versions=closes)
    rule = ("first told after the day on which the month was closed",)
    late = f"core.core_late_line as late where late.month_on = date '{month}'"
    if cell.column == "late_cost_lines":
        nothing = "cast(null as varchar) as currency, cast(null as varchar) as fx_rate_id, cast(null as decimal(18, 4)) as cost_amount"
        trail = (
            f"(select late.*, {nothing}, cast(null as decimal(18, 4)) as cost_local_amount from {late} and entity not in ('order_line', 'credit_adjustment'))"
        )
        return Way((Part("cost", cell.value, trail, "1", {}, LINE, rules=rule),), versions=closes)
    places = f"select _file, _line from {late} and late.entity = 'order_line'"
    trail = f"(select order_line_id, revenue_amount from core.core_order_line where (_file, _line) in ({places}))"
    amount = "1" if cell.column == "late_order_lines" else "revenue_amount"
    return Way((Part("value", cell.value, trail, amount, {}, rules=rule),), versions=closes)


def customer_month(cell: Cell, dates: Dates) -> Way:
    """What a customer bought in a month, or by its end."""
    row, month = cell.row, cell.row["month_on"]
    account = (("account", {"account_id": row["account_id"]}),)
    amount = {"revenue_amount": "revenue_amount", "realised_ltv_amount": "revenue_amount", "realised_margin_amount": "gross_margin_amount"}.get(cell.column)
    if not amount:
        return Way(rule="who owned the account on the last day of the month; is_over: that day is before the as-of date", versions=account)
    if cell.value is None:
        return Way(rule="null: a unit cost is unknown")
    end = min(dt.date(month.year + month.month // 12, month.month % 12 + 1, 1), dates.as_of)
    begin = f" and ordered_on >= date '{month}'" if cell.column == "revenue_amount" else ""
    lines = f"(select * from core.core_order_line where account_id = {literal(row['account_id'])} and ordered_on < date '{end}'{begin})"
    rule = "every line of the account and of those merged into it " + ("in the month" if begin else "up to the month's end") + ", refunds off"
    return Way((Part("value", cell.value, lines, amount, {}, rules=(rule,)),))


def revenue_share(cell: Cell, _: Dates) -> Way:
    """The line that a split divides."""
    key = dict(cell.key)
    if cell.value is None:
        return Way(rule="null: the line's unit cost is unknown, or `bases` in company.toml does not name the basis")
    is_amount = cell.column.endswith("_amount")
    basis = next((one for one in BASES if cell.column.startswith(f"{one}_")), "nominal")
    rule = "the line × the rep's percent ÷ all percents of the split, by the largest remainder: the shares add up to the line"
    total, amount = (cell.value, cell.column) if is_amount else (None, "revenue_amount")
    part = Part("value", total, "core.core_revenue_share", amount, key, rules=(rule, *basis_rules(basis)), says=(SPLIT,), basis=basis)
    return Way((part,), "" if is_amount else "read from the line, and from the split of its opportunity on that day")
