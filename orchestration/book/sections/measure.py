"""What the company measures value by, where that is not revenue: its years, the reps and the segments of the last full year.

Belongs here: the declared measure in words and tables, beside revenue. Doesn't: revenue by itself, reading tables.
"""

from orchestration.book import wording
from orchestration.book.figures import Company, Measured, Row
from orchestration.book.sections.reps import without_ratio
from orchestration.book.sections.segments import TYPES, segment_table
from orchestration.book.view import Block, Cell, Column, Section, Table

_WORDS = {
    "acv": ("Annual contract value", "what a contract brings in twelve months of its term, in the year of the order"),
    "booked": ("Bookings", "what was ordered, before a partner's part, in the year of the order"),
    "recognised": ("Recognised revenue", "what was earned by the days of each contract's term, in the year of these days"),
    "invoiced": ("Invoiced revenue", "what was invoiced, in the year of the invoice"),
    "collected": ("Collected revenue", "what was paid, in the year of the payment"),
}


def measure_section(company: Company, measured: Measured | None) -> list[Section]:
    """Nothing where the company measures by revenue."""
    if measured is None or company.focus is None:
        return []
    name, meaning = _WORDS[measured.measure]
    currency, label = company.facts.reporting_currency, company.focus.label
    blocks = [Block(table=_years(name, currency, measured))]
    if measured.reps:
        blocks.append(Block(table=_reps(name, label, currency, measured)))
    for kind, word in TYPES.items():
        of_kind = [row for row in measured.segments if row["segment_type"] == kind]
        if of_kind:
            blocks.append(Block(table=segment_table(word, label, currency, of_kind, "value_amount", name), is_half=True))
    lead = f"{name} is {meaning}. It is told of years and of careers, as sold; cohorts, books and the other sections stand on what was sold."
    return [Section("measure", "The company's measure", _title(name, company, measured), lead=lead, blocks=blocks)]


def _title(name: str, company: Company, measured: Measured) -> str:
    year = next((row for row in measured.years if company.focus and row["fiscal_year"] == company.focus.year), None)
    if year is None or year["value_ratio"] is None:
        return f"{name} is what the company measures value by"
    by_revenue = wording.ratio(year["revenue_ratio"])
    return f"{name} per 1 of cost was {wording.ratio(year['value_ratio'])} in {year['fiscal_year']}; what was sold, {by_revenue}"


def _columns(first: str, name: str) -> list[Column]:
    return [Column(first, is_number=False), Column(name), Column("Sold"), Column("Cost"), Column(name, "per 1 of cost"), Column("Sold", "per 1 of cost")]


def _line(first: Cell, row: Row) -> list[Cell]:
    amounts = (row["value_amount"], row["revenue_amount"], row["cost_amount"])
    ratios = (row["value_ratio"], row["revenue_ratio"])
    reason = without_ratio(row)
    return [first, *(Cell(wording.short(amount)) for amount in amounts), *(Cell(wording.ratio(one), reason if one is None else "") for one in ratios)]


def _years(name: str, currency: str, measured: Measured) -> Table:
    rows = [_line(Cell(str(row["fiscal_year"])), row) for row in measured.years]
    return Table(f"{name} by fiscal year, amounts in {currency}", _columns("Fiscal year", name), rows)


def _reps(name: str, label: str, currency: str, measured: Measured) -> Table:
    rows = [_line(Cell(wording.shown_name(row["rep_name"], row["crm_user_id"])), row) for row in measured.reps]
    return Table(f"{name} of reps in {label} by name, amounts in {currency}", _columns("Rep", name), rows, is_folded=True)
