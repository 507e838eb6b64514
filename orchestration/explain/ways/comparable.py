"""The way back of years and people set beside each other.

Belongs here: `tenure_value`, `like_for_like`. Doesn't: the readings of value against cost (`value`), running a way.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from orchestration.explain.cell import Cell
from orchestration.explain.ways.parts import APART, CARRIED, COST, LEAVE, LINE, SHARED, SPLIT, Dates, Part, Way, Where, basis_rules, carried_share, in_basis
from orchestration.explain.ways.value import ratio_of_person, withheld

_RATIO = "revenue ÷ cost, to 6 digits; null where the cost is not above 0"
_HIRED = "twelve calendar months each, the first of them that of the first hire in payroll"
_STEADY = "like_for_like: employed on every day of the fiscal year and of the one before, in one employment"


def tenure(cell: Cell, _: Dates) -> Way:
    """By the lines of the rep within the months of the tenure year."""
    row = cell.row
    if cell.column in ("tenure_start_on", "tenure_end_on", "is_whole"):
        return Way(rule=_HIRED)
    if cell.column == "ratio_withheld_reason":
        return withheld(row)
    start, end = row["tenure_start_on"], row["tenure_end_on"]
    sold = f"(select * from core.core_revenue_share where {_within('ordered_on', start, end)})"
    spent = f"(select * from trail.trail_cost where {_within('month_on', start, end)})"
    rep = {"crm_user_id": row["crm_user_id"]}
    value = _value(row["basis"], row["revenue_amount"], sold, rep)
    cost = _cost(row["basis"], row["cost_amount"], spent, rep)
    return {"revenue_amount": Way((value,)), "cost_amount": Way((cost,))}.get(cell.column, ratio_of_person(row, (value, cost), _RATIO))


def like_for_like(cell: Cell, _: Dates) -> Way:
    """By the lines of everyone in one of the two years, or of those who were there in both."""
    row = cell.row
    if cell.column == "rep_count":
        return Way(rule=f"reps with a figure in the fiscal year; {_STEADY}")
    if cell.column == "revenue_change_pct":
        return Way((_side(row, "revenue", ""), _side(row, "revenue", "before_")), "100 × (revenue - revenue before) ÷ revenue before, to 6 digits")
    when = "before_" if cell.column.startswith("before_") else ""
    if cell.column.endswith("_ratio"):
        return Way((_side(row, "revenue", when), _side(row, "cost", when)), _RATIO)
    return Way((_side(row, cell.column.removeprefix("before_").removesuffix("_amount"), when),))


def _side(row: Mapping[str, Any], measure: str, when: str) -> Part:
    """What a population sold or cost in the fiscal year, or in the one before."""
    year = row["fiscal_year"] - (1 if when else 0)
    of_population = "true"
    if row["population"] == "like_for_like":
        of_population = f"crm_user_id in (select crm_user_id from core.core_steady_rep where fiscal_year = {row['fiscal_year']})"
    total, where = row[f"{when}{measure}_amount"], {"fiscal_year": year}
    if measure == "cost":
        return _cost(row["basis"], total, f"(select * from trail.trail_cost where {of_population})", where, f"{when}cost")
    lines = f"(select * from trail.trail_value where lens = 'as_sold' and reading = 'year' and {of_population})"
    return _value(row["basis"], total, lines, where, f"{when}value")


def _value(basis: str, total: object, lines: str, where: Where, name: str = "value") -> Part:
    return Part(name, total, lines, in_basis("revenue_amount", basis), where, rules=(SHARED, *basis_rules(basis)), says=(SPLIT,), basis=basis)


def _cost(basis: str, total: object, lines: str, where: Where, name: str = "cost") -> Part:
    """Whatever the lens, a person costs the same."""
    rules = (COST, CARRIED, LEAVE, APART, *basis_rules(basis))
    where = where | {"lens": "as_sold", "is_apart": False}
    return Part(name, total, lines, in_basis("cost_amount", basis), where, LINE, carried_share(basis), rules=rules, basis=basis, is_in_part=True)


def _within(day: str, start: dt.date | None, end: dt.date | None) -> str:
    since = f"{day} >= date '{start}'" if start else "true"
    return f"{since} and {day} < date '{end}'" if end else since
