"""The company by fiscal year: value, cost, value per 1 of cost, and what cost lacks.

Belongs here: titles, chart rows and table of the company. Doesn't: reading tables.
"""

from collections.abc import Sequence

from orchestration.book import wording
from orchestration.book.charts import YearBar, company_chart, ratio_chart
from orchestration.book.figures import Company, CompanyYear
from orchestration.book.view import Block, Cell, Column, Key, Section, Table


def company_section(company: Company) -> Section:
    """Company value, cost and ratio by year."""
    if not company.years:
        return Section("company", "Company", "Nothing sold and no cost on file so far", lead="Figures appear once sales or pay have been delivered.")
    bars = [YearBar(of.year, float(of.value - of.without_rep), float(of.without_rep), float(of.cost), _float(of.ratio), of.is_full) for of in company.years]
    value_title, ratio_title = _value_title(company), _ratio_title(company.full_years)
    blocks = [
        Block(
            value_title if ratio_title else "Value and cost by fiscal year",
            company_chart(bars, f"Bars by fiscal year: {value_title}"),
            _keys(company),
            is_half=True,
        )
    ]
    if any(bar.ratio is not None for bar in bars):
        keys = [
            Key("dot", "a full fiscal year"),
            *([Key("hollow", "a part of a year")] if len(company.full_years) < len(bars) else []),
            Key("dashed", "value = cost"),
        ]
        blocks.append(Block(_range_title(company.full_years), ratio_chart(bars, f"Line by fiscal year: {ratio_title}"), keys, is_half=True))
    blocks.append(Block(table=_table(company)))
    return Section("company", "Company", ratio_title or value_title, lead=_lead(company), blocks=blocks)


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _ratio_title(years: Sequence[CompanyYear]) -> str:
    known = [(of.year, of.ratio) for of in years if of.ratio is not None]
    if not known:
        return ""
    (first, before), (last, after) = known[0], known[-1]
    if first == last:
        return f"Value per 1 of cost was {wording.ratio(after)} in {last}"
    return f"Value per 1 of cost {wording.trend(str(first), before, str(last), after, wording.ratio)}"


def _value_title(company: Company) -> str:
    currency, years = company.facts.reporting_currency, company.full_years
    if not years:
        last = company.years[-1]
        return f"No full fiscal year yet; {wording.money(last.value, currency)} of value in {last.label}"
    if len(years) == 1:
        return f"Value was {wording.money(years[0].value, currency)} in {years[0].year}"
    first, last = years[0], years[-1]
    return f"Value {wording.trend(str(first.year), first.value, str(last.year), last.value, lambda amount: wording.money(amount, currency))}"


def _range_title(years: Sequence[CompanyYear]) -> str:
    known = [(of.ratio, of.year) for of in years if of.ratio is not None]
    if len({wording.ratio(value) for value, _ in known}) < 2:
        return "Value per 1 of cost, by fiscal year"
    high, low = max(known), min(known)
    return f"The ratio was highest in {high[1]}, at {wording.ratio(high[0])}, and lowest in {low[1]}, at {wording.ratio(low[0])}"


def _lead(company: Company) -> str:
    parts = [of.label for of in company.years if of.part]
    if not parts:
        return ""
    return f"Not full years, so not compared: {wording.listing(parts)}."


def _keys(company: Company) -> list[Key]:
    keys = [Key("value", "value sold by reps")] if any(of.value != of.without_rep for of in company.years) else []
    if any(of.without_rep for of in company.years):
        keys.append(Key("value-soft", "sold without a rep"))
    if any(of.cost for of in company.years):
        keys.append(Key("cost", "cost of reps"))
    return [*keys, Key("part", "a part of a year")] if len(company.full_years) < len(company.years) else keys


def _table(company: Company) -> Table:
    columns = [
        Column("Fiscal year", is_number=False),
        *(Column(label) for label in ("Value", "without a rep", "Cost", "Value − cost", "Value per 1 of cost", "Orders")),
    ]
    rows = [
        [
            Cell(str(of.year), of.part, bool(of.part)),
            *(Cell(wording.short(amount), is_muted=bool(of.part)) for amount in (of.value, of.without_rep, of.cost, of.value - of.cost)),
            Cell(wording.ratio(of.ratio), "no cost" if of.ratio is None else "", bool(of.part)),
            Cell(f"{of.orders:,}", is_muted=bool(of.part)),
        ]
        for of in company.years
    ]
    return Table(f"The company by fiscal year, amounts in {company.facts.reporting_currency}", columns, rows, is_folded=True)


def cost_note(company: Company) -> str:
    """What cost lacks, in plain words and by year. A year that goes on lacks what is paid later, so it is judged only where none is over."""
    if not any(of.cost for of in company.years):
        return "No cost was delivered, so there is no value per 1 of cost."
    judged = [of for of in company.years if of.is_over] or list(company.years)
    lacking: dict[str, list[CompanyYear]] = {}
    for of in judged:
        if of.missing:
            lacking.setdefault(wording.components(of.missing), []).append(of)
    if not lacking:
        parts = "pay, commission, bonus, employer taxes, benefits, expense claims, tools, overhead and managers"
        return f"Cost is fully loaded: {parts}, as far as cost is defined to hold them."
    if len(lacking) == 1 and len(judged) == sum(map(len, lacking.values())):
        return f"Cost is incomplete: it lacks {next(iter(lacking))}, so every ratio looks higher than it is."
    said = "; ".join(f"{words} in {wording.spans([of.year for of in years])}" for words, years in lacking.items())
    return f"Cost is incomplete in some years: it lacks {said}. Ratios of those years, and of careers, look higher than they are."
