"""Cost by component through the years: what the company's reps cost, and in which part that changed.

Belongs here: titles, the order of components, the tables. Doesn't: how a component is computed, or what one person costs.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from orchestration.book import wording
from orchestration.book.canvas import COST_TINTS
from orchestration.book.charts import CostBar, cost_chart
from orchestration.book.figures import Company, CompanyYear
from orchestration.book.view import Block, Cell, Column, Key, Section, Table

Amounts = Mapping[str, Mapping[int, Decimal]]

_ZERO = Decimal(0)
_LEAD = (
    "Pay by the month it was earned for, other cost by the month it was incurred. Severance, sign-on pay and recruiting are paid once, and pay during "
    "long leave is for no work: they are in the company's cost here, and in no person's year."
)


def cost_section(company: Company, cost: Amounts) -> Section:
    """A chart and a comparison of two years, then every component in every year."""
    shown = {name: amounts for name, amounts in cost.items() if any(amounts.values())}
    years = [of for of in company.years if any(amounts.get(of.year) for amounts in shown.values())]
    if not years:
        return Section("cost", "Cost", "No cost to cut by component")
    title = _title(company, shown, [of for of in years if of.is_full])
    bars = [CostBar(of.year, [float(amount) for amount in _drawn(shown, of.year)], of.is_full) for of in years]
    blocks = [Block("Cost by component and fiscal year", cost_chart(bars, f"Stacked bars by fiscal year: {title}"), _keys(shown, years), is_half=True)]
    full = [of for of in years if of.is_full]
    if len(full) > 1:
        blocks.append(Block(table=_comparison(company, shown, *full[-2:]), is_half=True))
    blocks.append(Block(table=_table(company, shown, years)))
    return Section("cost", "Cost", title, lead=_LEAD, blocks=blocks)


def _total(cost: Amounts, year: int) -> Decimal:
    return sum((amounts.get(year, _ZERO) for amounts in cost.values()), _ZERO)


def _drawn(cost: Amounts, year: int) -> list[Decimal]:
    """The largest components one by one, what remains together: as many as there are tints."""
    amounts = [component.get(year, _ZERO) for component in cost.values()]
    apart = len(COST_TINTS) if len(amounts) <= len(COST_TINTS) else len(COST_TINTS) - 1
    return [*amounts[:apart], *([sum(amounts[apart:], _ZERO)] if amounts[apart:] else [])]


def _keys(cost: Amounts, years: Sequence[CompanyYear]) -> list[Key]:
    names = [wording.component(name) for name in cost]
    if len(names) > len(COST_TINTS):
        apart = len(COST_TINTS) - 1
        names = [*names[:apart], f"{len(names) - apart} others, in the table"]
    keys = [Key(f"cost-{number}" if number > 1 else "cost", name) for number, name in enumerate(names, 1)]
    return keys if all(of.is_full for of in years) else [*keys, Key("part", "a part of a year")]


def _title(company: Company, cost: Amounts, full: Sequence[CompanyYear]) -> str:
    currency = company.facts.reporting_currency
    if not full:
        return "No full fiscal year of cost yet"
    last = full[-1].year
    total, largest = _total(cost, last), max(cost, key=lambda name: cost[name].get(last, _ZERO))
    part = f"{wording.percent(100 * cost[largest].get(last, _ZERO) / total)} of it was {wording.component(largest)}" if total > 0 else ""
    if len(full) == 1:
        said = f"Cost was {wording.money(total, currency)} in {last}"
    else:
        before = full[0].year
        said = f"Cost {wording.trend(str(before), _total(cost, before), str(last), total, lambda amount: wording.money(amount, currency))}"
    return f"{said}; {part}" if part else said


def _comparison(company: Company, cost: Amounts, before: CompanyYear, after: CompanyYear) -> Table:
    """Components of the last two full years, the largest change first, whichever way it went."""
    pairs = [(wording.component(name), amounts.get(before.year, _ZERO), amounts.get(after.year, _ZERO)) for name, amounts in cost.items()]
    pairs = sorted((pair for pair in pairs if pair[1] or pair[2]), key=lambda pair: -abs(pair[2] - pair[1]))
    pairs.append(("All cost", _total(cost, before.year), _total(cost, after.year)))
    rows = [[Cell(name), Cell(wording.short(was)), Cell(wording.short(now)), Cell(wording.short(now - was))] for name, was, now in pairs]
    columns = [Column("Component", is_number=False), Column(before.label), Column(after.label), Column("Change")]
    notes = ["The largest change first, whichever way it went."]
    return Table(f"Where cost changed from {before.label} to {after.label}, {company.facts.reporting_currency}", columns, rows, notes)


def _table(company: Company, cost: Amounts, years: Sequence[CompanyYear]) -> Table:
    columns = [Column("Component", is_number=False), *(Column(str(of.year), of.part) for of in years)]
    rows = [
        [Cell(wording.component(name)), *(Cell(wording.short(amounts.get(of.year)), is_muted=not of.is_full) for of in years)] for name, amounts in cost.items()
    ]
    rows.append([Cell("All cost"), *(Cell(wording.short(_total(cost, of.year)), is_muted=not of.is_full) for of in years)])
    notes = ["What came to most over all years first."]
    return Table(f"Cost by component and fiscal year, amounts in {company.facts.reporting_currency}", columns, rows, notes, is_folded=True)
