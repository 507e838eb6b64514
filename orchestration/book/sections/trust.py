"""How to read the page, and what ties out and what doesn't.

Belongs here: the words that say how far the figures can be trusted. Doesn't: computing a tie-out.
"""

import datetime as dt
from collections.abc import Sequence

from orchestration.book import wording
from orchestration.book.figures import Company, Row
from orchestration.book.view import Block, Cell, Column, Section, Table


def tie_outs_section(tie_outs: Sequence[Row], currency: str) -> Section:
    """Every pair of sums that the published table compares: those that differ in sight, the others folded."""
    apart, tied = [row for row in tie_outs if not row["is_tied"]], [row for row in tie_outs if row["is_tied"]]
    if apart:
        title = f"{len(apart)} of {len(tie_outs)} pairs of sums {'does' if len(apart) == 1 else 'do'} not tie out"
    else:
        title = f"All {len(tie_outs)} pairs of sums tie out to the cent"
    tables = [_table("differ", apart, currency)] * bool(apart) + [_table("tie out", tied, currency, is_folded=True)] * bool(tied)
    return Section("tie-outs", "What ties out", title, lead=_LEAD, blocks=[Block(table=table) for table in tables])


def _table(what: str, rows: Sequence[Row], currency: str, *, is_folded: bool = False) -> Table:
    columns = [Column("What", is_number=False), Column("One way"), Column("The other way"), Column("Difference"), Column("", is_number=False)]
    return Table(f"Pairs that {what} ({len(rows)}), over all years, amounts in {currency}", columns, [_tie_out(row) for row in rows], is_folded=is_folded)


def _tie_out(row: Row) -> list[Cell]:
    text = wording.exact if row["unit"] == "amount" else lambda count: f"{count:,.0f}"
    amounts = (Cell(text(row[f"{side}_amount"])) for side in ("left", "right", "difference"))
    return [Cell(row["tie_out"][:1].upper() + row["tie_out"][1:]), *amounts, Cell("✓ ties out" if row["is_tied"] else "✗ differs")]


_LEAD = "Each sum is computed two ways, down to the delivered lines. To the cent: less than half a cent apart. The gate publishes nothing that differs."

READINGS = (
    ("Year", "What a rep sold in the year, against what the rep cost in that year."),
    (
        "Cohort at 12, 24, 36 months",
        "What the customers acquired in a year brought until each had been a customer that long, against the cost of the year they were acquired in; "
        "beside the year, the reading for comparing people and years.",
    ),
    (
        "Book",
        "The worth of the customers looked after, month-end by month-end, against the year's cost: it grows by itself and passes to heirs, "
        "so it measures the size of what is looked after.",
    ),
    ("Career", "Everything that all customers ever acquired by the rep have brought to date, against all the rep has cost."),
)


def reading_section(company: Company) -> Section:
    """The four readings, and the words that the page uses."""
    facts = company.facts
    terms: tuple[tuple[str, str], ...] = (
        *READINGS,
        ("Value", f"Revenue in {facts.reporting_currency}, refunds taken off, without cost of goods: a ratio above 1 isn't yet a profit."),
        ("Acquired by", "The rep of a customer's first sale; it never changes, whoever looks after the customer later."),
        ("As of", f"{wording.day(facts.as_of)}: sales and cost before that day are in."),
    )
    if facts.calendar.years and company.focus:
        year = company.focus.year
        last_on = facts.start(year + 1) - dt.timedelta(days=1)
        terms = (*terms, (f"Fiscal year {year}", f"{wording.day(facts.start(year))} to {wording.day(last_on)}: as the company's calendar says."))
    elif facts.fiscal_year_start_month > 1 and company.focus:
        first, last, year = wording.MONTHS[facts.fiscal_year_start_month - 1], wording.MONTHS[facts.fiscal_year_start_month - 2], company.focus.year
        terms = (*terms, (f"Fiscal year {year}", f"{first} {year - 1} to {last} {year}: named by the year it ends in."))
    return Section("reading", "How to read this", "Four readings of value per 1 of cost, never mixed", terms=terms)
