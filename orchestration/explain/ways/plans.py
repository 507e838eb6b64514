"""The way back of goals and deals: what was to be sold, and how it went.

Belongs here: `goal_attainment`, `deal_funnel`. Doesn't: other answers, running a way.
"""

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import (
    GOAL,
    HOLDERS,
    LINE,
    NOT_MEASURED,
    OWNED,
    SHARED,
    SPLIT,
    WON,
    Dates,
    Part,
    Sum,
    Way,
    basis_rules,
    in_basis,
)

_FUNNEL_CUTS = {"rep": "crm_user_id", "region": "region", "industry": "industry", "acquisition_method": "acquisition_method"}
_DEALS = "by the deal's owner, and the owner's groups on the last day of the fiscal year"
_FUNNEL_RATES = {
    "win_rate_pct": ("opportunities_won", "opportunities_lost", "100 × won ÷ (won + lost)"),
    "win_rate_amount_pct": ("won_amount", "lost_amount", "100 × won ÷ (won + lost)"),
    "mean_deal_amount": ("won_amount", "opportunities_won", "amount won ÷ deals won"),
    "mean_cycle_days": ("cycle_days", "dated_wins", "days from creation to win ÷ wins whose creation is known"),
    "discount_pct": ("discount_amount", "list_amount", "100 × discount ÷ list price"),
}
_TARGET_BASES = {
    "constant": ("a target is reporting money, and the same at constant rates",),
    "real": ("real: a target of money × the price index of the base month ÷ that of the month in which its period begins, to 4 decimals",),
}


def goal(cell: Cell, _: Dates) -> Way:
    """A target by the goal's own line, what was reached by the lines that count, the rest by the goal's row."""
    row = cell.row
    # Customers are the same in each basis.
    basis = row["basis"] if row["metric"] in ("revenue", "gross_margin") else "nominal"
    goal = {"goal_id": row["goal_id"], "goal_version": row["goal_version"]}
    delivered = (("goal", goal),)
    column = {"revenue": in_basis("revenue_amount", basis), "gross_margin": in_basis("gross_margin_amount", basis), "new_customers": "new_customers"}.get(
        row["metric"]
    )
    ramped = ("the delivered target times its ramp, if it has one", *_TARGET_BASES.get(basis, ()))
    target = Part("target", row["target_amount"], "core.core_goal", in_basis("target_amount", basis), goal, GOAL, rules=ramped, basis=basis)
    if cell.column == "target_amount":
        return Way((target,))
    if cell.column not in ("actual_amount", "attainment_pct"):
        return Way(rule=NOT_MEASURED) if cell.column == "probability_when_set" else Way(rule="as the goal was delivered", versions=delivered)
    if column is None:
        return Way(rule=f"nothing measures `{row['metric']}`: choose revenue, gross_margin or new_customers", versions=delivered)
    where = goal | {"lens": row["lens"]} | ({"new_customers": 1} if column == "new_customers" else {"new_customers": 0})
    sums = (Sum("core.core_goal_reached", column, goal | {"lens": row["lens"]}),)
    sold = "revenue counts in the territory of the order" if row["owner_type"] == "territory" else SHARED
    rules = (WON,) if column == "new_customers" else (sold if row["lens"] == "as_sold" else OWNED, *basis_rules(basis))
    actual = Part("actual", row["actual_amount"], "trail.trail_goal", column, where, sums=sums, rules=rules, says=(SPLIT,), basis=basis)
    return Way((actual,)) if cell.column == "actual_amount" else Way((actual, target), "100 × actual ÷ target, to 6 digits")


def funnel(cell: Cell, _: Dates) -> Way:
    """A deal by the delivered line that says last what became of it; a discount by order lines; a target by goals."""
    row = cell.row
    if cell.column in ("target_amount", "pipeline_coverage_pct"):
        owner = {"owner_type": row["cut_type"], "owner_id": row["cut_id"], "fiscal_year": row["fiscal_year"]}
        basis = row["basis"]
        rules = ("the revenue goal of the year, else the longest parts of it that have one, each in its last version", *_TARGET_BASES.get(basis, ()))
        target = Part("target", row["target_amount"], "core.core_year_goal", in_basis("target_amount", basis), owner, GOAL, rules=rules, basis=basis)
        if cell.column == "target_amount":
            return Way((target,))
        return Way((_funnel_part(cell, "pipeline_amount"), target), "100 × pipeline on the first day ÷ target of the year")
    if cell.column in _FUNNEL_RATES:
        left, right, rule = _FUNNEL_RATES[cell.column]
        return Way((_funnel_part(cell, left), _funnel_part(cell, right)), rule)
    return Way((_funnel_part(cell, cell.column),))


def _funnel_part(cell: Cell, column: str) -> Part:
    row, basis = cell.row, cell.row["basis"]
    cut = _FUNNEL_CUTS.get(row["cut_type"]) or HOLDERS[row["cut_type"]]
    where = {"fiscal_year": row["fiscal_year"]} | ({cut: row["cut_id"]} if cut else {})
    if column in ("list_amount", "discount_amount"):
        rules = ("lines whose list price is known, by the order's rep", *basis_rules(basis))
        return Part(column, row[column], "trail.trail_list_sale", in_basis(column, basis), where, rules=rules, basis=basis)
    amount = column.removeprefix("opportunities_")
    deals, where = f"(select * from trail.trail_deal where {amount} <> 0)", where | {"basis": basis}
    rules, money = (_DEALS, *basis_rules(basis)), ("opportunity_amount", "deal_amount")
    return Part(column, row.get(column), deals, amount, where, LINE, rules=rules, money=money, basis=basis)
