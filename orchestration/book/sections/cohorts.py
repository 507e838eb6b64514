"""Cohorts at equal age: what the customers acquired in a year were worth 12, 24 and 36 months later.

Belongs here: which cohort may be compared with which. Doesn't: projections.
"""

from collections.abc import Sequence

from orchestration.book import wording
from orchestration.book.charts import CohortPoint, cohort_chart
from orchestration.book.figures import AGES, FEW_CUSTOMERS, Company, Row
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

_LEFT_CENSORED_LIMIT = 0.10


def cohorts_section(company: Company, rows: Sequence[Row]) -> Section:
    """One point a cohort and age."""
    years = {of.year: of for of in company.years}
    rows = [row for row in rows if row["fiscal_year"] in years]
    if not any(row["customers_acquired"] for row in rows):
        return Section("cohorts", "Customers by year of acquisition", "No customers acquired so far")
    is_ratio = any(row["value_ratio"] is not None for row in rows)
    doubtful = {row["fiscal_year"] for row in rows if _censored_share(row) > _LEFT_CENSORED_LIMIT}
    few = {row["fiscal_year"] for row in rows if row["customers_acquired"] < FEW_CUSTOMERS}
    apart = doubtful | few | {year for year, of in years.items() if of.part.startswith(("from", "in part"))}
    points = _points([row for row in rows if row["customers_acquired"]], is_ratio, apart)
    title = _title(points, is_ratio, company.facts.reporting_currency)
    what = "value per 1 of that year's cost" if is_ratio else f"value in {company.facts.reporting_currency}; no cost, so no ratio"
    blocks = [
        Block(f"Cohorts by year of acquisition: {what}", cohort_chart(points, f"Lines by year of acquisition: {title}"), _keys(points)),
        Block(table=_table(company, rows, apart)),
    ]
    return Section("cohorts", "Customers by year of acquisition", title, lead=_LEAD, blocks=blocks, notes=_notes(doubtful))


_LEAD = "Cohorts are compared at equal age: a customer of ten years ago has had ten years to buy, one of last year has not."


def _censored_share(row: Row) -> float:
    return (row["left_censored_customers"] or 0) / row["customers_acquired"] if row["customers_acquired"] else 0.0


def _amount(row: Row, is_ratio: bool) -> float | None:
    amount = row["value_ratio"] if is_ratio else row["value_amount"]
    return None if amount is None else float(amount)


def _is_open(row: Row) -> bool:
    return row["age_months"] is not None and not row["is_mature"]


def _telling(rows: Sequence[Row]) -> list[Row]:
    """Of the ages that a cohort hasn't reached only the youngest: the older ones would say the same."""
    youngest: dict[int, int] = {}
    for row in filter(_is_open, rows):
        youngest[row["fiscal_year"]] = min(row["age_months"], youngest.get(row["fiscal_year"], row["age_months"]))
    return [row for row in rows if not _is_open(row) or row["age_months"] == youngest[row["fiscal_year"]]]


def _points(rows: Sequence[Row], is_ratio: bool, apart: set[int]) -> list[CohortPoint]:
    points = []
    for row in _telling(rows):
        age, amount = row["age_months"], _amount(row, is_ratio)
        if amount is not None:
            points.append(CohortPoint(row["fiscal_year"], age, amount, age is not None and not _is_open(row), row["fiscal_year"] not in apart))
    return points


def _title(points: Sequence[CohortPoint], is_ratio: bool, currency: str) -> str:
    for age in AGES:
        known = [point for point in points if point.age == age and point.is_mature and point.is_comparable]
        what = f"Customers' value at {age} months{', per 1 of cost,' if is_ratio else ''}"
        text = wording.ratio if is_ratio else lambda amount: wording.money(amount, currency)
        if len(known) > 1:
            return f"{what} {wording.trend(f'cohort {known[0].year}', known[0].value, str(known[-1].year), known[-1].value, text)}"
        if known:
            return f"{what} was {text(known[0].value)} for cohort {known[0].year}"
    return "No cohort can be compared at equal age yet"


def _keys(points: Sequence[CohortPoint]) -> list[Key]:
    keys = [Key(f"age-{age}", f"{age} months") for age in AGES if any(point.age == age for point in points)]
    if any(point.age is not None and not (point.is_mature and point.is_comparable) for point in points):
        keys.append(Key("hollow", "hollow: that age not reached by all, or not comparable"))
    return [*keys, Key("tick-muted", "to date")]


def _table(company: Company, rows: Sequence[Row], apart: set[int]) -> Table:
    by_key = {(row["fiscal_year"], row["age_months"]): row for row in _telling(rows)}
    ages = (*AGES, None)
    columns = [Column("Cohort", is_number=False), Column("Customers"), Column("Left-censored")]
    columns += [Column(head, "to date" if age is None else f"{age} months") for head in ("Value", "Per 1 of cost") for age in ages]
    lines = []
    for year in sorted({row["fiscal_year"] for row in rows}):
        of = [by_key.get((year, age)) for age in ages]
        first = of[-1] or {}
        lines.append(
            [
                Cell(f"{year}{' †' if year in apart else ''}", is_muted=year in apart),
                Cell(f"{first.get('customers_acquired') or 0:,}"),
                Cell(f"{first.get('left_censored_customers') or 0:,}"),
                *(_cell(row, "value_amount", year in apart) for row in of),
                *(_cell(row, "value_ratio", year in apart) for row in of),
            ]
        )
    notes = ["≥: not all customers have reached that age; the figure still moves."]
    if apart:
        notes.append(f"†: not comparable with other cohorts: left-censored, a year only in part on file, or fewer than {FEW_CUSTOMERS} customers.")
    return Table(f"Cohorts by age, amounts in {company.facts.reporting_currency}", columns, lines, notes, is_folded=True)


def _cell(row: Row | None, column: str, is_apart: bool) -> Cell:
    if row is None or row[column] is None or not row["customers_acquired"]:
        return Cell(wording.DASH, "no cost" if row and row["customers_acquired"] and column == "value_ratio" and not row["cost_amount"] else "", True)
    text = wording.ratio(row[column]) if column == "value_ratio" else wording.short(row[column])
    return Cell(("≥\u00a0" if _is_open(row) else "") + text, is_muted=_is_open(row) or is_apart)


def _notes(doubtful: set[int]) -> list[str]:
    if not doubtful:
        return []
    years = wording.listing([str(year) for year in sorted(doubtful)])
    return [f"Left-censored: in {years} more than 10 % of the customers may have been acquired before the first sale on file: no cohort to compare with."]
