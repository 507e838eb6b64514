"""The way back of value against cost: reps, groups and segments.

Belongs here: `rep_value`, `group_value`, `segment_value`. Doesn't: other answers, running a way.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestration.explain.cell import Cell
from orchestration.explain.sql import Among, units
from orchestration.explain.ways.parts import (
    APART,
    CARRIED,
    COST,
    DECLARED,
    LEAVE,
    LINE,
    NOT_MEASURED,
    SHARED,
    SPLIT,
    TIMES,
    WON,
    Dates,
    Part,
    Sum,
    Way,
    Where,
    basis_rules,
    carried_share,
    held_by,
    in_basis,
)
from orchestration.landing.readers import literal

_SOLD = ("revenue_amount", "tcv_amount")
"""What was sold in a year, under two names: a line counts whole when it is sold, whatever its term."""


def holder(cell: Cell, dates: Dates) -> Way:
    """Of a rep or a group: value, cost and customers by their lines, names by the rows of master data."""
    row = cell.row
    holder_type = row.get("group_type", "rep")
    holder_id = row["crm_user_id"] if holder_type == "rep" else row["group_id"]
    held = held_by(holder_type, holder_id)
    reading = {"holder_type": holder_type, "holder_id": holder_id}
    if cell.column in _TOLD:
        return Way(rule=_TOLD[cell.column], versions=_persons(row, holder_type))
    if cell.column == "ratio_withheld_reason":
        return withheld(row)
    if cell.column == "cost_components_missing":
        rule = "what nobody's cost of the fiscal year has, and what members lack: pay of a month employed, or all; of a career, what some year lacks"
        return Way(parts=(_cost_part(cell, held, reading),), rule=rule)
    if cell.column == "cost_estimated_pct":
        cost = _cost_part(cell, held, reading)
        estimated = replace(cost, name="estimated", total=None, where=cost.where | {"is_estimated": True}, sums=())
        return Way((estimated, cost), "100 × the lines that payroll calls estimates ÷ cost, to 6 digits; null where nothing was spent")
    if cell.column in _COST_PARTS:
        return Way((_cost_part(cell, held, reading, _COST_PARTS[cell.column]),), "of the cost " + _PART_RULES[_COST_PARTS[cell.column]])
    return _measured(cell, _value_part(cell, held, reading, dates), _cost_part(cell, held, reading), _customer_parts(cell, held))


_OF_ROLE = (
    "a role that company.toml declares to bear no credit is counted in the group; who is matched with no employee has no pay; a cost below 0 divides "
    "nothing. The role is the CRM's, else payroll's, of the last day employed up to the end of the row's year, or up to the day before the as-of date; a "
    "career is withheld where that of every year bears no credit"
)


def withheld(row: Mapping[str, Any]) -> Way:
    """Why a person has no ratio in a row of theirs, by all that was told of the person's roles."""
    return Way(rule=f"{row['ratio_withheld_reason'] or 'null: nothing withholds the ratio'}: {_OF_ROLE}", versions=_roles(row))


def ratio_of_person(row: Mapping[str, Any], parts: tuple[Part, ...], rule: str) -> Way:
    """A ratio by its sides; where it is withheld, the reason first."""
    reason = row.get("ratio_withheld_reason")
    return Way(parts, f"null: {reason}; {_OF_ROLE}", _roles(row)) if reason else Way(parts, rule)


def _roles(row: Mapping[str, Any]) -> tuple[tuple[str, Where], ...]:
    """The last rows about a person in the CRM, under each of their ids, and in payroll."""
    user = literal(row["crm_user_id"])
    ids = f"select delivered_crm_user_id as crm_user_id from core.core_identity where crm_user_id = {user}"
    numbers = f"select employee_number from core.core_employment where crm_user_id = {user}"
    return (("crm_user", {"ids": Among(("crm_user_id",), ids)}), ("job", {"numbers": Among(("employee_number",), numbers)}))


_MASTER_DATA = "read from the rows of master data that are believed now"
_CELL = "whose mean a standard cost is: five people or more in the same role and country, else in a wider cell; null of actual cost"
_TOLD = {
    **dict.fromkeys(("rep_name", "employee_number", "group_name"), _MASTER_DATA),
    **dict.fromkeys(("standard_cost_level", "standard_cost_people"), _CELL),
}
_COST_PARTS = {f"{part}_cost_amount": part for part in ("direct", "shared", "management")}
_PART_RULES = {
    "direct": "all that is neither tools, overhead nor a manager's: pay, expenses, coaching",
    "shared": "the shares of tools and overhead",
    "management": "what is carried of managers, less what leaves them",
}


def _persons(row: Mapping[str, Any], holder_type: str) -> tuple[tuple[str, Where], ...]:
    if holder_type in ("territory", "territory_tree"):
        return (("territory", {"territory_id": row["group_id"]}),)
    if holder_type in ("rep", "manager"):
        user = ("crm_user", {"crm_user_id": row.get("crm_user_id") or row["group_id"]})
        number = row.get("employee_number")
        return (user, ("employee", {"employee_number": number})) if number else (user,)
    return (("crm_user", {"team_id": row["group_id"]}),) if holder_type == "team" else ()


def _measured(cell: Cell, value: Part, cost: Part, customers: Mapping[str, Part]) -> Way:
    """The columns that every answer about value and cost shares."""
    if cell.value is None and (cell.column in (*customers, "is_mature", "revenue_amount", "tcv_amount", "realised_ltv_amount")):
        return Way(rule="null: no figure of this reading")
    ways = {
        "revenue_amount": Way((value,)),
        "tcv_amount": Way((value,)),
        "value_amount": Way((value,)),
        "realised_ltv_amount": Way((value,)),
        "cost_amount": Way((cost,)),
        "net_value_amount": Way((value, replace(cost, sign=-1)), "value less cost"),
        "value_ratio": ratio_of_person(cell.row, (value, cost), "value ÷ cost, to 6 digits; null where the cost is not above 0"),
        "is_mature": Way((customers["customers_acquired"],), "true if the age of the last customer that was won had been reached by the as-of date"),
        **{name: Way((part,)) for name, part in customers.items()},
    }
    return ways.get(cell.column, Way(rule=NOT_MEASURED))


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
    basis = cell.row["basis"]
    if cell.column in _SOLD:
        return in_basis("revenue_amount", basis), cell.value
    return in_basis("gross_margin_amount" if cell.row["value_measure"] == "gross_margin" else "revenue_amount", basis), cell.row["value_amount"]


def _value_part(cell: Cell, held: Where, reading: Where, dates: Dates) -> Part:
    row = cell.row
    whole = {name: row[name] for name in ("lens", "reading", "fiscal_year", "age_months", "basis", "value_measure")}
    if row["value_measure"] in DECLARED and cell.column not in _SOLD:
        pieces = Sum("core.core_value_piece", in_basis("declared_amount", row["basis"]), held | _cohort(row))
        return _declared_part(row, held, (Sum("core.core_value_reading", "value_amount", reading | whole), pieces))
    amount, total = _amount(cell)
    where = held | _cohort(row)
    answered = Sum("core.core_value_reading", "revenue_amount" if cell.column in _SOLD else "value_amount", reading | whole)
    is_book = row["reading"] == "book"
    sums = (answered,) if is_book else (answered, Sum("core.core_value_piece", amount, where))
    share = ("1", dates.book_divisor) if is_book else None
    rules, says = (_value_rule(row, dates), *basis_rules(row["basis"])), (SPLIT, TIMES)
    return Part("value", total, "trail.trail_value", amount, where, share=share, sums=sums, rules=rules, says=says, basis=row["basis"])


def _declared_part(row: Mapping[str, Any], held: Where, sums: tuple[Sum, ...]) -> Part:
    """The amount that the company declares to measure by, by the lines or payments that it is of."""
    basis, money = row["basis"], ("local_amount", "reporting_amount")
    rules = (DECLARED[row["value_measure"]], SHARED if row["reading"] == "year" else WON, *basis_rules(basis))
    amount, where = in_basis("declared_amount", basis), held | _cohort(row)
    return Part("value", row["value_amount"], "trail.trail_measure", amount, where, LINE, sums=sums, rules=rules, money=money, basis=basis)


def _value_rule(row: Mapping[str, Any], dates: Dates) -> str:
    lens, year = row["lens"], row["fiscal_year"]
    if row["reading"] in ("cohort", "career"):
        until = "to date" if row["age_months"] is None else f"before each customer's {row['age_months']} months were over"
        return f"what the customers won bought {until}; {WON}"
    if row["reading"] == "book":
        held = "owned at the month's end" if lens == "as_sold" else f"owned on {dates.read_on(lens, year)}"
        return f"what the accounts {held} had ever bought by each month's end of the fiscal year that is over, {dates.book_rule}"
    return SHARED if lens == "as_sold" else f"what was sold in the fiscal year to the accounts owned on {dates.read_on(lens, year)}, whoever sold it"


def _cost_part(cell: Cell, held: Where, reading: Where, part: str = "") -> Part:
    """All of the cost, or one part of it."""
    row = cell.row
    name = f"{part}_cost_amount" if part else "cost_amount"
    where = held | {"lens": row["lens"]} | _year(row)
    whole = {"lens": row["lens"], "fiscal_year": row["fiscal_year"]}
    amount = in_basis("cost_amount", row["basis"])
    sums = (Sum("core.core_holder_cost", in_basis(name, row["basis"]), reading | whole),)
    is_persons_year = reading["holder_type"] == "rep" and row["reading"] != "career"
    rules = (COST, CARRIED, LEAVE, *((APART,) if is_persons_year else ()), *basis_rules(row["basis"]))
    where = where | ({"is_apart": False} if is_persons_year else {}) | ({"cost_part": part} if part else {})
    share = carried_share(row["basis"])
    if row.get("cost_basis") == "standard":
        return _standard_part(row, name, where, share, rules)
    return Part("cost", row[name], "trail.trail_cost", amount, where, LINE, share, sums, rules, basis=row["basis"], is_in_part=True)


_LEVELS = {
    "role_country": "in the same role and country",
    "role": "in the same role",
    "all": "in roles of few people",
    "person": "alone: no full-time day is known, or fewer than five people are there",
}
_CAREER = "standard: of each year what the people in the same cell cost, by full-time days of each; what is paid once or for leave, as it was paid"


def _standard_part(row: Mapping[str, Any], name: str, where: Where, share: tuple[str, str], rules: tuple[str, ...]) -> Part:
    """The lines of everybody in the cell, of each the part that the rep's cost is of the cell's."""
    if row["reading"] == "career":
        return _standard_career(row, name, where, share, rules)
    told, year, column = "core.core_standard_cost", row["fiscal_year"], in_basis(name, row["basis"])
    mine = f"fiscal_year = {year} and crm_user_id = {literal(row['crm_user_id'])}"
    cell = f"fiscal_year = {year} and cell = (select cell from {told} where {mine})"
    people = {"people": Among(("crm_user_id",), f"select crm_user_id from {told} where {cell}")}
    own, whole = (f"(select {units(f'sum({column})')} from {told} where {which})" for which in (mine, cell))
    share = (f"coalesce({share[0]}, 1) * {own}", f"coalesce({share[1]}, 1) * {whole}")
    sums = (Sum(told, column, {"fiscal_year": year, "crm_user_id": row["crm_user_id"]}),)
    rule = f"standard: what the {row['standard_cost_people']} people {_LEVELS[row['standard_cost_level']]} cost in the year, by full-time days of each"
    where = {one: value for one, value in where.items() if one != "crm_user_id"} | people
    return _of_standard(row, name, where, share, sums, (rule, *rules))


def _standard_career(row: Mapping[str, Any], name: str, where: Where, share: tuple[str, str], rules: tuple[str, ...]) -> Part:
    """The same of each year, by the cell of that year; and the rep's own lines of what is in no person's year."""
    told, rep, column = "core.core_standard_cost", literal(row["crm_user_id"]), in_basis(name, row["basis"])
    cells = f"{told} as cells inner join {told} as own on cells.fiscal_year = own.fiscal_year and cells.cell = own.cell and own.crm_user_id = {rep}"
    years = f"select cells.crm_user_id, cells.fiscal_year, false from {cells}"
    people = Among(("crm_user_id", "fiscal_year", "is_apart"), f"{years} union all select {rep}, fiscal_year, true from {told} where crm_user_id = {rep}")
    mine, whole = (
        f"case when lines.is_apart then 1 else (select {units(f'sum(cells.{column})')} from {cells} where cells.fiscal_year = lines.fiscal_year{more}) end"
        for more in (f" and cells.crm_user_id = {rep}", "")
    )
    share = (f"coalesce({share[0]}, 1) * {mine}", f"coalesce({share[1]}, 1) * {whole}")
    sums = (Sum(told, column, {"fiscal_year": None, "crm_user_id": row["crm_user_id"]}),)
    where = {one: value for one, value in where.items() if one != "crm_user_id"} | {"people": people}
    return _of_standard(row, name, where, share, sums, (_CAREER, *rules))


def _of_standard(row: Mapping[str, Any], name: str, where: Where, share: tuple[str, str], sums: tuple[Sum, ...], rules: tuple[str, ...]) -> Part:
    amount = in_basis("cost_amount", row["basis"])
    standard = {key: row[key] for key in ("crm_user_id", "fiscal_year") if row[key] is not None}
    return Part("cost", row[name], "trail.trail_cost", amount, where, LINE, share, sums, rules, basis=row["basis"], is_in_part=True, standard=standard)


def _customer_parts(cell: Cell, held: Where) -> Mapping[str, Part]:
    row = cell.row
    where = held | {"lens": row["lens"]} | _year(row)
    counted = {"customers_acquired": {}, "left_censored_customers": {"acquisition_basis": "left_censored"}}
    return {name: Part("customers", row[name], "trail.trail_customer", "1", where | more, rules=(WON,)) for name, more in counted.items() if name in row}


_SIDES = {
    "region": ("region",),
    "industry": ("industry",),
    "acquisition_method": ("acquisition_method",),
    "region_industry": ("region", "industry"),
    "industry_acquisition_method": ("industry", "acquisition_method"),
    "region_acquisition_method": ("region", "acquisition_method"),
}
"""The columns of a trail that each kind of segment is named by."""
_NAMES = {
    "first_segment": "the first side of the segment",
    "second_segment": "the second side of a pair; null of any other",
    "allocation_key": "what cost is split by",
    "allocation_key_version": "the version of the rule by which cost is split",
    "next_key": "what cost is split by beside; null where that is not told",
}


def segment(cell: Cell, dates: Dates) -> Way:
    """Of a region, an industry, an acquisition method: the same, and what became of its customers of the year before."""
    row = cell.row
    held = dict(zip(_SIDES[row["segment_type"]], (row["first_segment"], row["second_segment"]), strict=False))
    if cell.column in _NAMES:
        return Way(rule=_NAMES[cell.column])
    if cell.column.startswith("next_key_"):
        return _under_next_key(cell, _segment_value(cell, held, dates))
    if cell.column.startswith("standard_"):
        return _at_standard(cell, _segment_value(cell, held, dates))
    if "retention" in cell.column or "retained" in cell.column or "before" in cell.column:
        return _retention(cell)
    if cell.column == "payback_months":
        return Way((_segment_value(cell, held, dates), _segment_cost(cell)), "the age at which the value that the cohort had brought reached its cost")
    return _measured(cell, _segment_value(cell, held, dates), _segment_cost(cell), _customer_parts(cell, held))


def _under_next_key(cell: Cell, value: Part) -> Way:
    """The cost as it would be split by the next-best key, and the ratio with it."""
    if cell.value is None:
        return Way(rule="null: no figure of this row")
    cost = _segment_cost(cell, "customers")
    return Way((cost,)) if cell.column == "next_key_cost_amount" else Way((value, cost), "value ÷ cost under the next-best key, to 6 digits")


def _at_standard(cell: Cell, value: Part) -> Way:
    """The cost as it would be with everybody at standard cost, and the ratio with it."""
    if cell.row["standard_cost_amount"] is None:
        return Way(rule="null: company.toml declares no standard cost")
    cost = _segment_cost(cell, standard=True)
    return Way((cost,)) if cell.column == "standard_cost_amount" else Way((value, cost), "value ÷ cost at standard, to 6 digits")


_RETAINED = (
    "customers are in the segment in which they were won; one whose refunds outweigh its purchases bought nothing",
    "a contract counts in the years of its term, by days (retention, version 2); all else in the year of its sale",
)


def _retention(cell: Cell) -> Way:
    """What the customers of the year before came to then, and in the year."""
    row = cell.row
    if cell.value is None:
        return Way(rule="null: no figure of this row")
    where = {name: row[name] for name in ("segment_type", "segment", "fiscal_year", "basis")}
    rules = (*_RETAINED, *basis_rules(row["basis"]))

    def part(name: str, amount: str, *, is_before: bool, share: tuple[str, str] | None = None) -> Part:
        sums = (Sum("core.core_segment_retention", name, where),)
        side = where | {"is_before": is_before}
        return Part(name, row[name], "trail.trail_retention", amount, side, share=share, sums=sums, rules=rules, basis=row["basis"])

    parts = {
        "customers_before": part("customers_before", "customers", is_before=True),
        "customers_retained": part("customers_retained", "customers", is_before=False),
        "before_amount": part("before_amount", "revenue_amount", is_before=True),
        "net_retained_amount": part("net_retained_amount", "revenue_amount", is_before=False),
        "gross_retained_amount": part("gross_retained_amount", "revenue_amount", is_before=False, share=(units("kept_amount"), units("after_amount"))),
    }
    if cell.column in parts:
        return Way((parts[cell.column],))
    amount = cell.column.replace("_retention_pct", "_retained_amount")
    return Way((parts[amount], parts["before_amount"]), "100 × retained ÷ bought in the year before, to 6 digits")


def _segment_value(cell: Cell, held: Where, dates: Dates) -> Part:
    row = cell.row
    named = {"segment_type": row["segment_type"], "segment": row["segment"]}
    if row["value_measure"] in DECLARED and cell.column not in _SOLD:
        years = {"reading": "cohort"} if row["reading"] == "career" else {name: row[name] for name in ("reading", "fiscal_year")}
        return _declared_part(row, held, (Sum("core.core_segment_measure", in_basis("declared_amount", row["basis"]), named | years),))
    amount, total = _amount(cell)
    sums = (Sum("core.core_segment_value", amount, named | _cohort(row)),)
    rules, says = (_value_rule(row, dates), *basis_rules(row["basis"])), (SPLIT, TIMES)
    return Part("value", total, "trail.trail_value", amount, held | _cohort(row), sums=sums, rules=rules, says=says, basis=row["basis"])


_SPLITS = {
    "revenue": "a rep's year is split by the rep's revenue in each segment (unknown if none)",
    "customers": "a rep's year is split by the accounts that the rep sold to in each segment (unknown if none)",
}


_BY_MEAN = "standard: each rep's own lines, times the standard cost of the rep's year ÷ its own, which rep_value (cost_basis=standard) explains"


def _segment_cost(cell: Cell, key: str = "revenue", *, standard: bool = False) -> Part:
    row = cell.row
    column = "standard_cost_amount" if standard else "cost_amount"
    total = row[column] if key == "revenue" else row["next_key_cost_amount"]
    where = {"allocation_key": key} | {name: row[name] for name in ("segment_type", "segment", "lens", "basis")} | _year(row)
    spend = "marketing spend joins its method, in a pair by the same of the method's customers"
    rules = (COST, CARRIED, LEAVE, f"{_SPLITS[key]}; {spend}", *((_BY_MEAN,) if standard else ()), *basis_rules(row["basis"]))
    sums = (Sum("core.core_segment_cost", column, where),)
    # The trail has the share in the basis of its row.
    part, whole = carried_share("nominal")
    of_line = units("standard_part_amount" if standard else "part_amount")
    share = (f"{of_line} * coalesce({part}, 1)", f"{units('whole_cost_amount')} * coalesce({whole}, 1)")
    return Part("cost", total, "trail.trail_segment_cost", "cost_amount", where, LINE, share, sums, rules, basis=row["basis"], is_in_part=True)
