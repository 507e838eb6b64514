"""The way back of customers, the company and the cost of reps.

Belongs here: `customer_lifetime_value`, `company_revenue`, `fct_rep_cost`. Doesn't: other answers, running a way.
"""

from orchestration.explain.cell import Cell
from orchestration.explain.sql import units
from orchestration.explain.ways.parts import (
    CARRIED,
    COST,
    DECLARED,
    LEAVE,
    LINE,
    NOT_MEASURED,
    SPLIT,
    TIMES,
    WON,
    Dates,
    Part,
    Sum,
    Way,
    basis_rules,
    carried_share,
    in_basis,
)
from orchestration.settings import BASES


def customer(cell: Cell, _: Dates) -> Way:
    """An amount by the account's lines, the acquisition by the line that won it, the rest by the account's row."""
    row = cell.row
    account = {"account_id": row["account_id"]}
    amount = {"realised_ltv_amount": "revenue_amount", "realised_margin_amount": "gross_margin_amount"}.get(cell.column)
    if amount:
        basis = row["basis"]
        amount = in_basis(amount, basis)
        sums = (Sum("core.core_customer_ltv", amount, account | {"age_months": None}),)
        rules = ("every line of the account and of those merged into it, before the as-of date, refunds off", *basis_rules(basis))
        where = account | {"lens": "as_sold", "reading": "cohort", "age_months": None}
        return Way((Part("value", cell.value, "trail.trail_value", amount, where, sums=sums, rules=rules, says=(SPLIT, TIMES), basis=basis),))
    if cell.column in ("acquired_on", "acquisition_basis", "acquiring_crm_user_id"):
        where = account | {"lens": "as_sold"}
        return Way((Part("customers", None, "trail.trail_customer", "1", where),), WON, versions=(("account", account),))
    if cell.column.startswith("projected"):
        return Way(rule=NOT_MEASURED)
    return Way(rule="read from the account as last known; the region from the territory of the line that won it", versions=(("account", account),))


def company(cell: Cell, dates: Dates) -> Way:
    """Revenue by its lines, orders by one line each, the declared measure by the lines or payments that it is of."""
    where = {"fiscal_year": cell.row["fiscal_year"], "channel": cell.row["channel"]}
    known = f"from core.core_order_line where ordered_on < date '{dates.as_of}'"
    if cell.column == "order_count":
        firsts = f"(select fiscal_year, channel, min(order_line_id) as order_line_id {known} group by fiscal_year, channel, order_id)"
        return Way((Part("orders", cell.value, firsts, "1", where),), "each order once, by the line of its lowest id")
    basis = cell.row["basis"]
    if cell.column.startswith("declared_"):
        if cell.value is None or cell.column == "declared_measure":
            return Way(rule="as contract_measure in company.toml declares it; null where that is revenue")
        amount, money = in_basis("declared_amount", basis), ("local_amount", "reporting_amount")
        sums, rules = (Sum("core.core_measure_part", amount, where),), (DECLARED[cell.row["declared_measure"]], *basis_rules(basis))
        sold = where | {"reading": "year"}
        return Way((Part("value", cell.value, "trail.trail_measure", amount, sold, LINE, sums=sums, rules=rules, money=money, basis=basis),))
    rules = ("every line before the as-of date, refunds off", *basis_rules(basis))
    return Way((Part("value", cell.value, f"(select * {known})", in_basis("revenue_amount", basis), where, rules=rules, basis=basis),))


def rep_cost(cell: Cell, dates: Dates) -> Way:
    """By pay items, expense lines and what is carried of pools and managers, whatever their day."""
    if cell.value is None:
        return Way(rule="null in every row: `bases` in company.toml does not name it")
    is_local = cell.column == "cost_local_amount"
    basis = next((one for one in BASES if cell.column == in_basis("cost_amount", one)), "nominal")
    share = (units("share_local_amount"), units("share_whole_local_amount")) if is_local else carried_share(basis)
    year = cell.row["fiscal_year"]
    start, end = dates.calendar.start(year), dates.calendar.end(year)
    # Without a calendar a month is in one year.
    of_year = f" where month_on >= date '{start}' and month_on < date '{end}'" if start and end else ""
    trail = f"(select * replace (cast(date_trunc('month', month_on) as date) as month_on) from trail.trail_cost_line{of_year})"
    key = {name: value for name, value in cell.key.items() if name != "fiscal_year"}
    rules = (COST, CARRIED, LEAVE, *basis_rules(basis))
    return Way((Part("cost", cell.value, trail, cell.column, key, LINE, share, rules=rules, basis=basis, is_in_part=True),))
