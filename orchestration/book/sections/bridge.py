"""Why the company's ratio is another than the year before: from one to the other, a step at a time.

Belongs here: names of the steps, the sentence, chart and table. Doesn't: how a step is computed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestration.book import wording
from orchestration.book.charts import BridgeBar, bridge_chart
from orchestration.book.figures import Company, CompanyYear, Row
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

STEPS = {
    "exchange": ("Exchange", "sales in other currencies, at this year's rates instead of last year's"),
    "price": ("Price", "what a unit sold for, against last year's price of the same product"),
    "mix": ("Mix", "more, or less, of the products that were dear last year; new products"),
    "retention": ("Retention", "units bought by last year's customers: who left, who bought less or more"),
    "volume": ("Volume", "units bought by customers who bought nothing last year"),
    "cost": ("Cost", "the same value against this year's cost, its exchange included"),
}
_TOPIC = "Why the ratio changed"
_ORDER = (
    "Each step changes one thing and keeps what the steps before it changed. Value moves first, against last year's cost; cost comes last. "
    "The steps add up to the whole change, without a rest, and are rounded so that they do as shown, too."
)


def bridge_section(company: Company, bridge: Sequence[Row]) -> Section:
    """The last full fiscal year against the full one before it, or why that can't be told."""
    pair = _last_pair(company)
    if pair is None:
        return Section("bridge", _TOPIC, "No two full fiscal years in a row to compare yet")
    before, after = pair
    steps = [row for row in bridge if row["fiscal_year"] == after.year]
    if not steps:
        return Section("bridge", _TOPIC, f"No bridge from {before.label} to {after.label} in this publication")
    if any(row["change_ratio"] is None for row in steps):
        without = " and ".join(year.label for year in pair if year.ratio is None)
        return Section("bridge", _TOPIC, f"No ratio of {without}, so nothing leads from one to the other", lead="A year without cost has no ratio.")
    told = _told(steps)
    title = _title(before, after, steps, told)
    chart = bridge_chart(_bars(before, after, steps, told), f"Bridge from the ratio of {before.label} to that of {after.label}: {title}")
    keys = [Key("value", "makes the ratio higher"), Key("cost", "makes it lower"), Key("whole", "the ratio of a year")]
    heading = f"Value per 1 of cost, from {before.label} to {after.label}"
    blocks = [Block(heading, chart, keys, is_half=True), Block(table=_table(company, before, after, steps, told), is_half=True)]
    return Section("bridge", _TOPIC, title, lead=_ORDER, blocks=blocks, notes=_notes(company, steps))


def _last_pair(company: Company) -> tuple[CompanyYear, CompanyYear] | None:
    full = company.full_years
    return (full[-2], full[-1]) if len(full) > 1 and full[-2].year == full[-1].year - 1 else None


@dataclass(frozen=True)
class _Told:
    """Both ratios, each step and all of them, as text: what is shown adds up."""

    ratio: Callable[[wording.Number], str]
    steps: Mapping[str, str]
    whole: str


def _told(steps: Sequence[Row]) -> _Told:
    """As many decimals as the larger ratio has room for: the title must show a change that the chart shows."""
    ratios = [steps[0]["from_ratio"], *(row["to_ratio"] for row in steps)]
    largest = max(abs(float(ratio)) for ratio in (ratios[0], ratios[-1]))
    decimals = 2 if largest < 9.995 else 1 if largest < 99.95 else 0
    changes = wording.ratio_changes(ratios, decimals)
    (whole,) = wording.ratio_changes([ratios[0], ratios[-1]], decimals)
    names = [row["step"] for row in steps]
    return _Told(lambda ratio: wording.with_decimals(ratio, decimals), dict(zip(names, changes, strict=True)), whole)


def _title(before: CompanyYear, after: CompanyYear, steps: Sequence[Row], told: _Told) -> str:
    """What happened, and the largest step either way."""
    first, last = steps[0]["from_ratio"], steps[-1]["to_ratio"]
    said = f"The ratio {wording.trend(before.label, first, after.label, last, told.ratio)}"
    up, down = max(steps, key=_size), min(steps, key=_size)
    parts = []
    if up["change_ratio"] > 0:
        parts.append(f"{up['step']} lifted it most ({told.steps[up['step']]})")
    if down["change_ratio"] < 0:
        parts.append(f"{down['step']} pulled it down most ({told.steps[down['step']]})")
    return f"{said}; {', '.join(parts[:: 1 if last >= first else -1])}" if parts else said


def _bars(before: CompanyYear, after: CompanyYear, steps: Sequence[Row], told: _Told) -> list[BridgeBar]:
    first, last = steps[0]["from_ratio"], steps[-1]["to_ratio"]
    return [
        BridgeBar(before.label, 0.0, float(first), told.ratio(first), is_whole=True),
        *(BridgeBar(STEPS[row["step"]][0], float(row["from_ratio"]), float(row["to_ratio"]), told.steps[row["step"]]) for row in steps),
        BridgeBar(after.label, 0.0, float(last), told.ratio(last), is_whole=True),
    ]


def _table(company: Company, before: CompanyYear, after: CompanyYear, steps: Sequence[Row], told: _Told) -> Table:
    rows = [
        [
            Cell(STEPS[row["step"]][0], STEPS[row["step"]][1]),
            Cell(wording.DASH if row["step"] == "cost" else wording.short(row["value_change_amount"])),
            Cell(wording.short(row["cost_change_amount"]) if row["step"] == "cost" else wording.DASH),
            Cell(told.steps[row["step"]]),
        ]
        for row in steps
    ]
    value, cost = (sum(row[f"{side}_change_amount"] for row in steps) for side in ("value", "cost"))
    rows.append([Cell("Whole change"), Cell(wording.short(value)), Cell(wording.short(cost)), Cell(told.whole)])
    columns = [Column("Step", is_number=False), Column("Value"), Column("Cost"), Column("Ratio")]
    return Table(f"What changed from {before.label} to {after.label}, amounts in {company.facts.reporting_currency}", columns, rows)


def _size(step: Row) -> float:
    return float(step["change_ratio"])


def _notes(company: Company, steps: Sequence[Row]) -> list[str]:
    """What could not be told apart by price and mix, if anything."""
    unsplit = {row["step"]: row["unsplit_amount"] for row in steps if row["unsplit_amount"]}
    if not unsplit:
        return []
    told = " and ".join(f"{wording.money(amount, company.facts.reporting_currency)} of {step}" for step, amount in unsplit.items())
    return [f"{told} come of sales without a product or a unit, or of a year before without prices: price and mix are in it, not told apart."]
