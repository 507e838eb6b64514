"""Reps: value against cost for the last full year and for the career, and all four readings in one table.

Belongs here: who is drawn, muted or left out, and why a ratio is missing. Doesn't: verdicts, ranks.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from orchestration.book import wording
from orchestration.book.charts import RepPoint, reps_chart
from orchestration.book.figures import AGES, FEW_CUSTOMERS, IN_GROUP, NO_EMPLOYEE, TO_DATE, Company, CompanyYear, Rep, Row, quartiles
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

_NO_PAY, _BELOW_0 = "no pay known", "cost below 0"
_NOT_DRAWN = {_NO_PAY: "matched with no employee", _BELOW_0: "with a cost below 0"}
_NO_ROW = Cell(wording.DASH, "no record", True)


def reps_section(company: Company) -> Section:
    """The reps of the year that the page is about, and the careers of all."""
    year = company.focus
    if year is None or not company.reps:
        return Section("reps", "Reps", "No reps on file", lead="A rep is whoever has a rep role, sold something or has a goal." if year else "")
    months = company.facts.months_until_as_of(year.year)
    yearly = _points(company.reps, year.year, months)
    career_months = min(12, sum(company.facts.months_until_as_of(of.year) for of in company.years))
    careers = _points(company.reps, None, career_months)
    blocks = []
    if yearly:
        heading = f"{year.label}: value sold against cost, {wording.plural(len(yearly), 'rep')}"
        note = _counted(company.reps, year, months)
        blocks.append(Block(heading, reps_chart(yearly, f"Points: {heading}"), _keys(yearly), is_half=True, note=note))
    if careers:
        heading = f"Career: value of all customers acquired against all cost, {wording.plural(len(careers), 'rep')}"
        note = _counted(company.reps, None, career_months)
        blocks.append(Block(heading, reps_chart(careers, f"Points: {heading}"), _keys(careers), is_half=True, note=note))
    blocks.append(Block(table=_table(company, year, months)))
    return Section("reps", "Reps", _title(company, year), lead=_LEAD if yearly or careers else "", blocks=blocks)


_LEAD = (
    "Across: cost. Up: value. A point on the line 5\u00a0:\u00a01 brought 5 for each 1 it cost. "
    "A ratio says nothing of the territory, the market, or who else helped."
)


def _title(company: Company, year: CompanyYear) -> str:
    ratios = [float(rep.rows["year", year.year, None]["value_ratio"]) for rep in company.ranked(year.year)]
    if not ratios:
        return f"No rep can be compared in {year.label}"
    low, middle, high = quartiles(ratios)
    if len(ratios) == 1:
        return f"One rep can be read: {wording.ratio(middle)} of value per 1 of cost in {year.label}"
    if len(ratios) < FEW_CUSTOMERS:
        who, low, high = f"The {len(ratios)}", min(ratios), max(ratios)
    else:
        who = f"Half of the {len(ratios)}"
    return f"{who} reps who can be compared brought between {wording.ratio(low)} and {wording.ratio(high)} per 1 of cost in {year.label}"


def _points(reps: Sequence[Rep], year: int | None, months: int) -> list[RepPoint]:
    points = []
    for rep in reps:
        row = rep.row("career" if year is None else "year", year)
        if row and row["value_ratio"] is not None:
            points.append(RepPoint(rep.name, float(row["cost_amount"]), float(row["value_amount"]), float(row["value_ratio"]), rep.apart(year, months)))
    return points


def _counted(reps: Sequence[Rep], year: CompanyYear | None, months: int) -> str:
    """Who is counted, how many of them can be compared, and why the others can't: each of them once, by the first reason that holds."""
    present = [rep for rep in reps if _is_present(rep, year)]
    reasons = Counter(_reason(rep, year.year if year else None, months) for rep in present)
    able = reasons.pop("", 0)
    when = "so far" if year is None else f"in {year.label}"
    counted = f"Counted: all {len(present)} who had cost, sales or customers {when}, joiners and leavers too; {able} can be compared."
    apart = [f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))]
    return f"{counted} Not compared: {wording.listing(apart)}." if apart else counted


def _reason(rep: Rep, year: int | None, months: int) -> str:
    row = rep.row("career" if year is None else "year", year)
    if rep.bears_no_credit(year):
        return "with a role that bears no credit (not drawn)"
    if row is None or row["value_ratio"] is None:
        return f"{_NOT_DRAWN.get(without_ratio(row) if row else '', 'without cost')} (not drawn)"
    if rep.is_manager:
        return "with the role manager"
    if rep.cost_months.get(year, 0) < months:
        return "with less than a full year of cost"
    return f"with fewer than {FEW_CUSTOMERS} customers acquired" if rep.apart(year, months) else ""


def _is_present(rep: Rep, year: CompanyYear | None) -> bool:
    return year is None or any(fiscal_year == year.year for _, fiscal_year, _ in rep.rows)


def _keys(points: Sequence[RepPoint]) -> list[Key]:
    keys = [Key("dot", "a rep")] if any(not point.apart for point in points) else []
    if any(point.apart for point in points):
        keys.append(Key("hollow-muted", "can't be compared"))
    return [*keys, Key("line", "equal value per 1 of cost")] if any(point.value > 0 for point in points) else keys


def _cohort_year(company: Company, age: int) -> int | None:
    """The newest full fiscal year all of whose customers have that age."""
    facts = company.facts
    # Years of a calendar are not all as long as twelve months.
    ends = {of.year: facts.start(of.year + 1) for of in company.full_years}
    ripe = [year for year, end_on in ends.items() if end_on.replace(year=end_on.year + age // 12, day=min(end_on.day, 28)) <= facts.as_of]
    return ripe[-1] if ripe else None


def _table(company: Company, year: CompanyYear, months: int) -> Table:
    cohorts = [(age, of) for age in AGES if (of := _cohort_year(company, age)) is not None]
    label = year.label
    columns = [
        Column("Rep", is_number=False),
        *(Column(head, note) for head, note in (("Customers", "acquired ever"), ("Value", label), ("Cost", label), ("Year", label))),
        *(Column("Cohort", f"{of} at {age} months") for age, of in cohorts),
        *(Column(head, note) for head, note in (("Cohort", f"{year.year} {TO_DATE}".replace(" ", wording.NO_BREAK)), ("Book", label), ("Career", TO_DATE))),
    ]
    present = [rep for rep in company.reps if _is_present(rep, year)]
    rows = [_row(rep, year.year, cohorts, months) for rep in present]
    notes = [
        f"By name, with the role. The last {len(cohorts) + 4} columns are value per 1 of cost, read four ways; each compares within its own column only.",
        f"Grey: can't be compared (a manager, a role that bears no credit, fewer than {FEW_CUSTOMERS} customers acquired, or less than a full year of cost).",
        f"{wording.DASH} in the group: the role at the year's end bears no credit, so that value and cost count in the group's ratio. "
        f"{wording.DASH} no pay known: matched with no employee. "
        f"{wording.DASH} no cost: nothing to divide by. {wording.DASH} cost below 0: more was taken back than paid. "
        f"{wording.DASH} none won: no customers acquired in that year. "
        f"{wording.DASH} no record: neither cost, sales, customers acquired nor a book in that year.",
    ]
    others = len(company.reps) - len(present)
    if others:
        notes.append(f"{wording.plural(others, 'rep')} without a record in {year.label} {'is' if others == 1 else 'are'} not listed.")
    return Table(f"Reps of {year.label} by name, amounts in {company.facts.reporting_currency}", columns, rows, notes)


def _row(rep: Rep, year: int, cohorts: Sequence[tuple[int, int]], months: int) -> list[Cell]:
    row, apart = rep.row("year", year), rep.apart(year, months)
    amounts = (row["value_amount"], row["cost_amount"]) if row else (None, None)
    return [
        Cell(rep.name, apart if rep.is_apart_by_role(year) else ", ".join(filter(None, (rep.role, apart))), bool(apart)),
        Cell(f"{rep.customers:,}", is_muted=bool(apart)),
        *(Cell(wording.short(amount), is_muted=bool(apart)) for amount in amounts),
        _ratio(row, bool(apart)),
        *(_ratio(rep.row("cohort", of, age)) for age, of in cohorts),
        _ratio(rep.row("cohort", year)),
        _ratio(rep.row("book", year), bool(apart)),
        _ratio(rep.row("career"), bool(rep.apart(None, min(months, 12)))),
    ]


def without_ratio(row: Row) -> str:
    """Why a row has none."""
    cost: Decimal | None = row["cost_amount"]
    reason = row.get("ratio_withheld_reason") or ""
    if reason.startswith(IN_GROUP):
        return "in the group"
    if reason.startswith(NO_EMPLOYEE):
        return _NO_PAY
    return "no value known" if cost and cost > 0 else _BELOW_0 if cost else "no cost"


def _ratio(row: Row | None, is_apart: bool = False) -> Cell:
    if row is None:
        return _NO_ROW
    if row["value_ratio"] is None:
        return Cell(wording.DASH, without_ratio(row), True)
    if row["reading"] != "cohort":
        return Cell(wording.ratio(row["value_ratio"]), is_muted=is_apart)
    if not row["customers_acquired"]:
        return Cell(wording.DASH, "none won", True)
    return Cell(wording.ratio(row["value_ratio"]), is_muted=row["customers_acquired"] < FEW_CUSTOMERS)
