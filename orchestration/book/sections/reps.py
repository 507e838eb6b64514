"""Reps: value against cost for the last full year and for the career, and all four readings in one table.

Belongs here: who is drawn, muted or left out, and why a ratio is missing. Doesn't: verdicts, ranks.
"""

from collections.abc import Sequence

from orchestration.book import wording
from orchestration.book.charts import RepPoint, reps_chart
from orchestration.book.figures import AGES, FEW_CUSTOMERS, Company, CompanyYear, Rep, Row, quartiles
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

_NO_ROW = Cell(wording.DASH, "no record", True)


def reps_section(company: Company) -> Section:
    """The reps of the year that the page is about, and the careers of all."""
    year = company.focus
    if year is None or not company.reps:
        return Section("reps", "Reps", "No reps on file", lead="A rep is whoever has a rep role, sold something or has a goal." if year else "")
    months = company.facts.months_until_as_of(year.year)
    yearly = _points(company.reps, year.year, months)
    careers = _points(company.reps, None, min(12, sum(company.facts.months_until_as_of(of.year) for of in company.years)))
    blocks = []
    if yearly:
        heading = f"{year.label}: value sold against cost, {wording.plural(len(yearly), 'rep')}"
        blocks.append(Block(heading, reps_chart(yearly, f"Points: {heading}"), _keys(yearly), is_half=True))
    if careers:
        heading = f"Career: value of all customers acquired against all cost, {wording.plural(len(careers), 'rep')}"
        blocks.append(Block(heading, reps_chart(careers, f"Points: {heading}"), _keys(careers), is_half=True))
    blocks.append(Block(table=_table(company, year, months)))
    return Section("reps", "Reps", _title(company, year), lead=_LEAD if yearly or careers else "", blocks=blocks)


_LEAD = (
    "Across: cost. Up: value. A point on the line 5\u00a0:\u00a01 brought 5 for each 1 it cost. "
    "A ratio says nothing of the territory, the market, or who else helped."
)


def _title(company: Company, year: CompanyYear) -> str:
    ratios = [float(rep.rows["year", year.year, None]["value_ratio"]) for rep in company.ranked(year.year)]
    if not ratios:
        return f"No rep has enough customers and cost in {year.label} to be compared"
    low, middle, high = quartiles(ratios)
    if len(ratios) == 1:
        return f"One rep can be read: {wording.ratio(middle)} of value per 1 of cost in {year.label}"
    if len(ratios) < FEW_CUSTOMERS:
        return f"{len(ratios)} reps brought between {wording.ratio(min(ratios))} and {wording.ratio(max(ratios))} per 1 of cost in {year.label}"
    return f"Half of the reps brought between {wording.ratio(low)} and {wording.ratio(high)} per 1 of cost in {year.label}"


def _points(reps: Sequence[Rep], year: int | None, months: int) -> list[RepPoint]:
    points = []
    for rep in reps:
        row = rep.row("career" if year is None else "year", year)
        if row and row["value_ratio"] is not None:
            points.append(RepPoint(rep.name, float(row["cost_amount"]), float(row["value_amount"]), float(row["value_ratio"]), rep.small(year, months)))
    return points


def _keys(points: Sequence[RepPoint]) -> list[Key]:
    keys = [Key("dot", "a rep")] if any(not point.small for point in points) else []
    if any(point.small for point in points):
        keys.append(Key("hollow-muted", f"fewer than {FEW_CUSTOMERS} customers acquired or less than a full year of cost: too little to compare"))
    return [*keys, Key("line", "equal value per 1 of cost")] if any(point.value > 0 for point in points) else keys


def _cohort_year(company: Company, age: int) -> int | None:
    """The newest full fiscal year all of whose customers have that age."""
    ripe = [of.year for of in company.full_years if company.facts.start(of.year + 1 + age // 12) <= company.facts.as_of]
    return ripe[-1] if ripe else None


def _table(company: Company, year: CompanyYear, months: int) -> Table:
    cohorts = [(age, _cohort_year(company, age) or year.year) for age in AGES]
    label = year.label
    columns = [
        Column("Rep", is_number=False),
        *(Column(head, note) for head, note in (("Customers", "acquired ever"), ("Value", label), ("Cost", label), ("Year", label))),
        *(Column("Cohort", f"{of} at {age} months") for age, of in cohorts),
        *(Column(head, note) for head, note in (("Cohort", f"{year.year} to date"), ("Book", label), ("Career", "to date"))),
    ]
    present = [rep for rep in company.reps if any(key[1] == year.year for key in rep.rows)]
    rows = [_row(rep, year.year, cohorts, months) for rep in present]
    notes = [
        "By name. The last seven columns are value per 1 of cost, read four ways; each compares within its own column only.",
        f"Grey: too little to compare (fewer than {FEW_CUSTOMERS} customers acquired, or less than a full year of cost). "
        "≥: customers have not reached that age yet; the figure still moves.",
        f"{wording.DASH} no cost: nothing to divide by. {wording.DASH} no record: neither cost, sales, customers acquired nor a book in that year.",
    ]
    others = len(company.reps) - len(present)
    if others:
        notes.append(f"{wording.plural(others, 'rep')} without a record in {year.label} {'is' if others == 1 else 'are'} not listed.")
    return Table(f"Reps of {year.label} by name, amounts in {company.facts.reporting_currency}", columns, rows, notes)


def _row(rep: Rep, year: int, cohorts: Sequence[tuple[int, int]], months: int) -> list[Cell]:
    row, small = rep.row("year", year), rep.small(year, months)
    amounts = (row["value_amount"], row["cost_amount"]) if row else (None, None)
    return [
        Cell(rep.name, small, bool(small)),
        Cell(f"{rep.customers:,}", is_muted=bool(small)),
        *(Cell(wording.short(amount), is_muted=bool(small)) for amount in amounts),
        _ratio(row, bool(small)),
        *(_ratio(rep.row("cohort", of, age)) for age, of in cohorts),
        _ratio(rep.row("cohort", year)),
        _ratio(rep.row("book", year), bool(small)),
        _ratio(rep.row("career"), bool(rep.small(None, min(months, 12)))),
    ]


def _ratio(row: Row | None, is_small: bool = False) -> Cell:
    if row is None:
        return _NO_ROW
    if row["value_ratio"] is None:
        return Cell(wording.DASH, "no cost" if not row["cost_amount"] else "no value known", True)
    few = row["reading"] == "cohort" and (row["customers_acquired"] or 0) < FEW_CUSTOMERS
    is_open = row["reading"] == "cohort" and not row["is_mature"]
    return Cell(("≥\u00a0" if is_open else "") + wording.ratio(row["value_ratio"]), is_muted=is_small or few)
