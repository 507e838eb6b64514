"""Wider cuts: region, industry, acquisition method, and region × industry, in the last full year.

Belongs here: small tables with bars, a grid of pairs. Doesn't: advice on where to sell.
"""

from collections.abc import Sequence
from decimal import Decimal

from orchestration.book import wording
from orchestration.book.figures import FEW_CUSTOMERS, Company, Row
from orchestration.book.view import Block, Cell, Column, Section, Table

TYPES = {"region": "Region", "industry": "Industry", "acquisition_method": "Acquisition method"}
_SHOWN = 12
_ACROSS = 8
_OTHERS = "others"


def segments_section(company: Company, rows: Sequence[Row], pairs: Sequence[Row] = ()) -> Section:
    """A table a type of segment, and the pairs of region and industry."""
    if company.focus is None or not rows:
        return Section("segments", "Where, to whom, how", "No sales to cut by region, industry or acquisition method")
    label = company.focus.label
    blocks, best = [], []
    for kind, word in TYPES.items():
        of_kind = [row for row in rows if row["segment_type"] == kind]
        known = [row for row in of_kind if row["segment"] != "unknown" and row["revenue_amount"] > 0]
        if known:
            best.append(f"{wording.shown_name(known[0]['segment'])} ({word.lower()})")
        if of_kind:
            blocks.append(Block(table=segment_table(word, label, company.facts.reporting_currency, of_kind), is_half=True))
    if pairs:
        blocks.append(Block(table=_grid(label, company.facts.reporting_currency, pairs)))
    title = f"Most revenue of {label} came from {wording.listing(best)}" if best else f"No known segment had revenue above 0 in {label}"
    return Section("segments", "Where, to whom, how", title, lead=_LEAD, blocks=blocks)


_LEAD = (
    "A rep's cost is split by where their revenue of the year came from; marketing spend joins its acquisition method. "
    "A small segment may be a weak one or an untapped one: the ratio alone can't tell which."
)


def segment_table(word: str, label: str, currency: str, rows: Sequence[Row], amount: str = "revenue_amount", head: str = "Revenue") -> Table:
    """The segments of one kind, the largest first. amount: the column that says how large."""
    shown = list(rows if len(rows) <= _SHOWN + 1 else rows[:_SHOWN])
    others = rows[len(shown) :]
    largest = max((abs(row[amount] or 0) for row in rows), default=Decimal(0))
    lines = [
        _line(wording.shown_name(row["segment"]), row[amount] or Decimal(0), row["cost_amount"] or Decimal(0), row["value_ratio"], largest) for row in shown
    ]
    if others:
        value, cost = (sum((row[column] or Decimal(0) for row in others), Decimal(0)) for column in (amount, "cost_amount"))
        lines.append(_line(f"{len(others)} others", value, cost, value / cost if cost else None, largest))
    columns = [Column(word, is_number=False), Column(head), Column("Cost"), Column("Per 1 of cost")]
    return Table(f"{word}, {label}, {currency}", columns, lines)


def _line(name: str, revenue: Decimal, cost: Decimal, ratio: Decimal | None, largest: Decimal) -> list[Cell]:
    share = round(100 * revenue / largest) if largest else 0
    return [
        Cell(name, is_muted=name == "unknown"), Cell(wording.short(revenue), bar=share), Cell(wording.short(cost)),
        Cell(wording.ratio(ratio), "no cost" if ratio is None and not cost else ""),
    ]  # fmt: skip


def _grid(label: str, currency: str, pairs: Sequence[Row]) -> Table:
    """Revenue of each pair, its ratio below, industries across; the smallest of either side are put together."""
    regions, industries = _most([(row["first_segment"], row) for row in pairs], _SHOWN), _most([(row["second_segment"], row) for row in pairs], _ACROSS)
    cells: dict[tuple[str, str], list[Row]] = {}
    for row in pairs:
        region, industry = row["first_segment"], row["second_segment"]
        key = (region if region in regions else _OTHERS, industry if industry in industries else _OTHERS)
        cells.setdefault(key, []).append(row)
    down, across = (names + [_OTHERS] * any(key[side] == _OTHERS for key in cells) for side, names in enumerate((regions, industries)))
    largest = max(abs(_sum(rows, "revenue_amount")) for rows in cells.values())
    lines = [
        [Cell(wording.shown_name(region), is_muted=region == "unknown"), *(_pair(cells.get((region, industry), []), largest) for industry in across)]
        for region in down
    ]
    columns = [Column("Region", is_number=False), *(Column(wording.shown_name(industry)) for industry in across)]
    return Table(f"Region × industry, {label}, {currency}: revenue, and value per 1 of cost below it", columns, lines, [_pair_note(pairs, currency)])


def _most(named: Sequence[tuple[str, Row]], count: int) -> list[str]:
    """Names by revenue, the unknown last; the first `count` of them, or all where one more would not save a line."""
    revenue: dict[str, Decimal] = {}
    for name, row in named:
        revenue[name] = revenue.get(name, Decimal(0)) + (row["revenue_amount"] or 0)
    names = sorted(revenue, key=lambda name: (name == "unknown", -revenue[name], name))
    return names if len(names) <= count + 1 else names[:count]


def _sum(rows: Sequence[Row], column: str) -> Decimal:
    return sum((row[column] or Decimal(0) for row in rows), Decimal(0))


def _pair(rows: Sequence[Row], largest: Decimal) -> Cell:
    if not rows:
        return Cell(wording.DASH, is_muted=True)
    revenue, cost, customers = (_sum(rows, column) for column in ("revenue_amount", "cost_amount", "customers"))
    bar = round(100 * revenue / largest) if largest else 0
    if customers < FEW_CUSTOMERS:
        return Cell(wording.short(revenue), wording.plural(int(customers), "customer"), is_muted=True, bar=bar)
    return Cell(wording.short(revenue), wording.ratio(revenue / cost) if cost else "no cost", bar=bar)


def _pair_note(pairs: Sequence[Row], currency: str) -> str:
    few = f"Grey: fewer than {FEW_CUSTOMERS} customers bought there in the year, too few for a ratio. A customer who bought in two regions counts in both."
    known = [row for row in pairs if "unknown" not in (row["first_segment"], row["second_segment"]) and row["revenue_amount"] > 0]
    total = _sum(pairs, "revenue_amount")
    if not known or total <= 0:
        return few
    first = known[0]
    name = f"{wording.shown_name(first['first_segment'])} × {wording.shown_name(first['second_segment'])}"
    amount, share = wording.money(first["revenue_amount"], currency), wording.percent(100 * first["revenue_amount"] / total)
    return f"The largest pair is {name}, with {amount} of revenue, {share} of all. {few}"
