"""Wider cuts: region, industry and acquisition method in the last full year.

Belongs here: small tables with bars. Doesn't: advice on where to sell.
"""

from collections.abc import Sequence
from decimal import Decimal

from orchestration.book import wording
from orchestration.book.figures import Company, Row
from orchestration.book.view import Block, Cell, Column, Section, Table

_TYPES = {"region": "Region", "industry": "Industry", "acquisition_method": "Acquisition method"}
_SHOWN = 12


def segments_section(company: Company, rows: Sequence[Row]) -> Section:
    """A table a type of segment."""
    if company.focus is None or not rows:
        return Section("segments", "Where, to whom, how", "No sales to cut by region, industry or acquisition method")
    label = company.focus.label
    blocks, best = [], []
    for kind, word in _TYPES.items():
        of_kind = [row for row in rows if row["segment_type"] == kind]
        known = [row for row in of_kind if row["segment"] != "unknown" and row["revenue_amount"] > 0]
        if known:
            best.append(f"{wording.shown_name(known[0]['segment'])} ({word.lower()})")
        if of_kind:
            blocks.append(Block(table=_table(word, label, company.facts.reporting_currency, of_kind), is_half=True))
    title = f"Most revenue of {label} came from {wording.listing(best)}" if best else f"No known segment had revenue above 0 in {label}"
    return Section("segments", "Where, to whom, how", title, lead=_LEAD, blocks=blocks)


_LEAD = (
    "A rep's cost is split by where their revenue of the year came from; marketing spend joins its acquisition method. "
    "A small segment may be a weak one or an untapped one: the ratio alone can't tell which."
)


def _table(word: str, label: str, currency: str, rows: Sequence[Row]) -> Table:
    shown = list(rows if len(rows) <= _SHOWN + 1 else rows[:_SHOWN])
    others = rows[len(shown) :]
    largest = max((abs(row["revenue_amount"] or 0) for row in rows), default=Decimal(0))
    lines = [
        _line(wording.shown_name(row["segment"]), row["revenue_amount"] or Decimal(0), row["cost_amount"] or Decimal(0), row["value_ratio"], largest)
        for row in shown
    ]
    if others:
        revenue, cost = (sum((row[column] or Decimal(0) for row in others), Decimal(0)) for column in ("revenue_amount", "cost_amount"))
        lines.append(_line(f"{len(others)} others", revenue, cost, revenue / cost if cost else None, largest))
    columns = [Column(word, is_number=False), Column("Revenue"), Column("Cost"), Column("Per 1 of cost")]
    return Table(f"{word}, {label}, {currency}", columns, lines)


def _line(name: str, revenue: Decimal, cost: Decimal, ratio: Decimal | None, largest: Decimal) -> list[Cell]:
    share = round(100 * revenue / largest) if largest else 0
    return [
        Cell(name, is_muted=name == "unknown"), Cell(wording.short(revenue), bar=share), Cell(wording.short(cost)),
        Cell(wording.ratio(ratio), "no cost" if ratio is None and not cost else ""),
    ]  # fmt: skip
