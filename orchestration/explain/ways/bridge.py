"""The way back of the bridge between the ratios of two years.

Belongs here: `ratio_bridge`. Doesn't: the readings of value against cost (`value`), running a way.
"""

from dataclasses import replace

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import APART, CARRIED, COST, LINE, SHARED, SPLIT, Dates, Part, Sum, Way, carried_share, held_by

_STEPS = {
    "exchange": "each sale's revenue less the same at the mean day's rate of the year before",
    "price": "each sale at the mean rate of the year before, less its units at that year's price of the product",
    "mix": "each sale's units at the year before's price of the product, less its units at that year's mean price of all products",
    "retention": "each sale's units at the year before's mean price of all products, of customers who bought in that year",
    "volume": "each sale's units at the year before's mean price of all products, of customers who did not buy in that year",
}
_SIDES = "a sale of the fiscal year adds, one of the year before takes off"
_UNSPLIT = "of sales without a product, of no unit, or where the year before has no product with a price"
_NO_VALUE = "0: cost moves no value"
_NO_COST = "0: this step moves no cost"
_SPLIT_WHOLE = "0: only retention and volume hold what is not told apart"
_NO_RATIO = "null: either year has no cost, the person's role at the end of either bears no credit, or the person is matched with no employee"


def bridge(cell: Cell, _: Dates) -> Way:
    """A step of value by the sales of both years, the step of cost by the cost of both, a ratio by the value and the cost that it divides."""
    row = cell.row
    is_cost = row["step"] == "cost"
    if cell.column == "step":
        return Way(rule="by its number: exchange, price, mix, retention, volume, cost")
    if cell.column == "value_change_amount":
        return Way(rule=_NO_VALUE) if is_cost else Way((_value(cell),))
    if cell.column == "unsplit_amount":
        return Way((_value(cell, "unsplit_"),)) if row["step"] in ("retention", "volume") else Way(rule=_SPLIT_WHOLE)
    costs = (_cost(cell, row["fiscal_year"], "cost"), replace(_cost(cell, row["fiscal_year"] - 1, "cost before"), sign=-1))
    if cell.column == "cost_change_amount":
        return Way(costs, "cost of the fiscal year less that of the year before") if is_cost else Way(rule=_NO_COST)
    if cell.value is None:
        return Way(costs, _NO_RATIO)
    return _ratio(cell, is_cost)


def _ratio(cell: Cell, is_cost: bool) -> Way:
    """The value reached so far is that of the year before and every step until then."""
    row = cell.row
    year = row["fiscal_year"]
    before = _sold(cell, year - 1, "value before")
    if cell.column == "to_ratio" and is_cost:
        return Way((_sold(cell, year, "value"), _cost(cell, year, "cost")), "value ÷ cost, to 6 digits")
    if cell.column == "change_ratio" and is_cost:
        parts = (_sold(cell, year, "value"), _cost(cell, year, "cost"), _cost(cell, year - 1, "cost before"))
        return Way(parts, "value ÷ cost, less value ÷ cost before, each to 6 digits")
    number = row["step_number"] - (1 if cell.column == "from_ratio" else 0)
    done = list(_STEPS)[:number]
    cost = _cost(cell, year - 1, "cost before")
    if cell.column == "change_ratio":
        return Way((_value(cell), cost), "to_ratio less from_ratio: the step's value ÷ cost before, to the rounding of both")
    return Way(
        (before, *(replace(_value(cell, step=step), total=None) for step in done), cost), "(value before + the steps until then) ÷ cost before, to 6 digits"
    )


def _value(cell: Cell, which: str = "", step: str = "") -> Part:
    """What the sales of both years do to the value in a step."""
    row = cell.row
    step = step or row["step"]
    amount = f"{which}{step}_amount"
    where = held_by(row["holder_type"], row["holder_id"]) | {"fiscal_year": row["fiscal_year"]}
    lines = f"(select * from trail.trail_bridge where {amount} <> 0)"
    rules = (_STEPS[step], _SIDES, SHARED, *((_UNSPLIT,) if which else ()))
    total = row["unsplit_amount" if which else "value_change_amount"]
    return Part(step, total, lines, amount, where, sums=(Sum("core.core_bridge_piece", amount, where),), rules=rules, says=(SPLIT,))


def _sold(cell: Cell, year: int, name: str) -> Part:
    where = held_by(cell.row["holder_type"], cell.row["holder_id"]) | {"lens": "as_sold", "reading": "year", "fiscal_year": year}
    sums = (Sum("core.core_value_piece", "revenue_amount", where),)
    return Part(name, None, "trail.trail_value", "revenue_amount", where, sums=sums, rules=(SHARED,), says=(SPLIT,))


def _cost(cell: Cell, year: int, name: str) -> Part:
    kind, held = cell.row["holder_type"], cell.row["holder_id"]
    where = held_by(kind, held) | {"lens": "as_sold", "fiscal_year": year}
    sums = (Sum("core.core_holder_cost", "cost_amount", {"holder_type": kind, "holder_id": held, "lens": "as_sold", "fiscal_year": year}),)
    is_person = kind == "rep"
    where = where | ({"is_apart": False} if is_person else {})
    rules = (COST, CARRIED, *((APART,) if is_person else ()))
    return Part(name, None, "trail.trail_cost", "cost_amount", where, LINE, carried_share("nominal"), sums, rules)
