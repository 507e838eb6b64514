"""Reads the figures that the page shows, from published tables only.

Belongs here: queries of the published interface at the company's defaults, and what they say of one year or one rep.
Doesn't: wording beyond a label, drawing, any rule of how an answer is computed.
"""

import datetime as dt
import re
import statistics
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from orchestration.book import wording
from orchestration.book.publication_facts import Figure, PublicationFacts

Row = dict[str, Any]

# The company's defaults; gross margin and later lenses stand beside these rows in the same tables.
DEFAULTS = "lens = 'as_sold' and basis = 'nominal' and value_measure = 'revenue'"
COST = "cost_basis = 'actual'"
AGES = (12, 24, 36)
TO_DATE = "to date"
FEW_CUSTOMERS = 5
IN_GROUP = "counted in the group"
_ROLE = re.compile(f"{IN_GROUP}: the role (.+) bears no credit")
"""How the reason of a role that bears no credit begins."""
NO_EMPLOYEE = "no employee"
"""And that of somebody who is matched with no employee."""


class Published:
    """One read-only look at a publication."""

    def __init__(self, path: Path, facts: PublicationFacts) -> None:
        self.facts = facts
        self._connection = duckdb.connect(str(path), read_only=True)

    def __enter__(self) -> "Published":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[Row]:
        """Every row of a query, columns by name."""
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def has(self, table: str) -> bool:
        """Whether the publication holds a table: one by an earlier release may not."""
        return bool(self.rows("select 1 from duckdb_tables() where table_name = ?", table))


@dataclass(frozen=True)
class CompanyYear:
    """The company in one fiscal year. part says which part of it is on file, "" for all of it."""

    year: int
    part: str
    value: Decimal
    without_rep: Decimal
    cost: Decimal
    ratio: Decimal | None
    orders: int
    missing: str | None

    @property
    def is_full(self) -> bool:
        return not self.part

    @property
    def is_over(self) -> bool:
        return self.part != TO_DATE

    @property
    def label(self) -> str:
        return f"{self.year} {self.part}".strip()


@dataclass
class Rep:
    """One rep and the published rows of theirs: by reading, fiscal year and age."""

    crm_user_id: str
    name: str
    role: str = ""
    rows: dict[tuple[str, int | None, int | None], Row] = field(default_factory=dict)
    cost_months: dict[int | None, int] = field(default_factory=dict)

    def row(self, reading: str, year: int | None = None, age: int | None = None) -> Row | None:
        return self.rows.get((reading, year, age))

    @property
    def is_manager(self) -> bool:
        """A manager's cost is for leading others as well: what the manager sells says little of what it brought."""
        return self.role.casefold() == "manager"

    def bears_no_credit(self, year: int | None) -> bool:
        """Counted in the group alone, in a fiscal year or all the career: what such a rep sells says little of what the cost was for."""
        return any((row["ratio_withheld_reason"] or "").startswith(IN_GROUP) for (_, of, _), row in self.rows.items() if of == year)

    def is_apart_by_role(self, year: int | None) -> bool:
        return self.is_manager or self.bears_no_credit(year)

    def role_in(self, year: int | None) -> str:
        """The role that withholds the ratio of a fiscal year or the career, else the last known one."""
        told = (_ROLE.match(row["ratio_withheld_reason"] or "") for (_, of, _), row in self.rows.items() if of == year)
        return next((wording.shown_name(match[1]) for match in told if match), self.role)

    @property
    def customers(self) -> int:
        """Customers ever acquired."""
        career = self.row("career")
        return int(career["customers_acquired"] or 0) if career else 0

    def apart(self, year: int | None, months: int) -> str:
        """Why a ratio of this rep can't stand beside those of others, "" if it can. months: how many the year has so far."""
        reasons = [self.role_in(year)] if self.is_apart_by_role(year) else []
        if self.customers < FEW_CUSTOMERS:
            reasons.append(f"{wording.plural(self.customers, 'customer')} acquired")
        if self.cost_months.get(year, 0) < months:
            reasons.append(f"{wording.plural(self.cost_months.get(year, 0), 'month')} of cost")
        return ", ".join(reasons)


@dataclass(frozen=True)
class Company:
    """What most of the page needs: the years, the reps, and the year that the page is about."""

    facts: PublicationFacts
    years: tuple[CompanyYear, ...]
    reps: tuple[Rep, ...]

    @property
    def full_years(self) -> tuple[CompanyYear, ...]:
        return tuple(year for year in self.years if year.is_full)

    @property
    def focus(self) -> CompanyYear | None:
        """The last full fiscal year; the last one on file if none is full."""
        return (self.full_years or self.years)[-1] if self.years else None

    def ranked(self, year: int) -> list[Rep]:
        """Reps whose ratio of the year can be compared."""
        months = self.facts.months_until_as_of(year)
        return [rep for rep in self.reps if (row := rep.row("year", year)) and row["value_ratio"] is not None and not rep.apart(year, months)]


def read_company(published: Published) -> Company:
    """The years of the company and everything of its reps."""
    return Company(published.facts, _years(published), _reps(published))


def _years(published: Published) -> tuple[CompanyYear, ...]:
    rows = published.rows(f"""
        with company as (select * from group_value where group_type = 'company' and reading = 'year' and {DEFAULTS} and {COST}),
        nobody as (select * from rep_value where crm_user_id = 'unknown' and reading = 'year' and {DEFAULTS} and {COST}),
        revenue as (select fiscal_year, sum(order_count) as orders from company_revenue where basis = 'nominal' group by fiscal_year)
        select company.*, nobody.value_amount as without_rep, revenue.orders
        from company left join nobody using (fiscal_year) left join revenue using (fiscal_year) order by fiscal_year
    """)
    began = _began(published)
    zero = Decimal(0)
    return tuple(
        CompanyYear(
            row["fiscal_year"], _part(published.facts, row["fiscal_year"], began), row["value_amount"] or zero, row["without_rep"] or zero,
            row["cost_amount"] or zero, row["value_ratio"], int(row["orders"] or 0), row["cost_components_missing"],
        )
        for row in rows
    )  # fmt: skip


def _began(published: Published) -> dt.date | None:
    """From when on both sales and cost are on file: a year that began earlier is a part, however complete its end."""
    row = published.rows("select (select min(credited_on) from fct_credit) as sold_on, (select min(month_on) from fct_rep_cost) as paid_on")[0]
    known = [on for on in row.values() if on is not None]
    return max(known) if known else None


def _part(facts: PublicationFacts, year: int, began: dt.date | None) -> str:
    start = facts.start(year)
    if facts.start(year + 1) > facts.as_of:
        return TO_DATE
    if began and began.replace(day=1) > start.replace(day=1):
        return f"from {wording.MONTHS[began.month - 1]}" if began < facts.start(year + 1) else "in part"
    return ""


def _reps(published: Published) -> tuple[Rep, ...]:
    rows = published.rows(
        f"""select rep_value.*, dim_rep.rep_role from rep_value left join dim_rep using (crm_user_id)
        where crm_user_id <> 'unknown' and {DEFAULTS} and {COST}"""
    )
    names: dict[str, str] = {}
    for row in rows:
        names[row["crm_user_id"]] = wording.shown_name(row["rep_name"], row["crm_user_id"])
    shared = {name for name in names.values() if list(names.values()).count(name) > 1}
    roles = {row["crm_user_id"]: wording.shown_name(row["rep_role"]) if row["rep_role"] else "" for row in rows}
    reps = {key: Rep(key, wording.shown_name(f"{name} ({key})") if name in shared else name, roles[key]) for key, name in names.items()}
    for row in rows:
        reps[row["crm_user_id"]].rows[row["reading"], row["fiscal_year"], row["age_months"]] = row
    months = f"select distinct crm_user_id, {_cost_month(published)} from fct_rep_cost where cost_amount <> 0 and month_on < ?"
    for row in published.rows(months, published.facts.as_of):
        if rep := reps.get(row["crm_user_id"]):
            for year in (_cost_year(published, row), None):
                rep.cost_months[year] = rep.cost_months.get(year, 0) + 1
    return tuple(sorted(reps.values(), key=lambda rep: (rep.name.casefold(), rep.crm_user_id)))


def _cost_month(published: Published) -> str:
    """What names a month of cost: under a calendar a year's end may cut it in two."""
    return "month_on, fiscal_year" if published.facts.calendar.years else "month_on"


def _cost_year(published: Published, row: Row) -> int:
    year: int = row["fiscal_year"] if published.facts.calendar.years else published.facts.fiscal_year(row["month_on"])
    return year


def read_cost(published: Published) -> dict[str, dict[int, Decimal]]:
    """What each component of the company's cost came to, by fiscal year, the largest over all years first."""
    found: dict[str, dict[int, Decimal]] = {}
    month = _cost_month(published)
    for row in published.rows(f"select component, {month}, sum(cost_amount) as cost_amount from fct_rep_cost group by all order by component, {month}"):
        years, year = found.setdefault(row["component"], {}), _cost_year(published, row)
        years[year] = years.get(year, Decimal(0)) + row["cost_amount"]
    return dict(sorted(found.items(), key=lambda component: -sum(component[1].values())))


def read_bridge(published: Published) -> list[Row]:
    """The steps from each year's ratio of the company to the next one's; nothing of a publication that has none."""
    if not published.has("ratio_bridge"):
        return []
    return published.rows("select * from ratio_bridge where holder_type = 'company' order by fiscal_year, step_number")


def read_cohorts(published: Published) -> list[Row]:
    """The company's cohorts: one row a fiscal year × age."""
    return published.rows(
        f"select * from group_value where group_type = 'company' and reading = 'cohort' and {DEFAULTS} and {COST} order by fiscal_year, age_months nulls last"
    )


def read_segments(published: Published, year: int) -> list[Row]:
    """Segments of one fiscal year, largest revenue first within a type."""
    return published.rows(
        f"""select * from segment_value where reading = 'year' and fiscal_year = ? and {DEFAULTS} and (revenue_amount <> 0 or cost_amount <> 0)
        order by segment_type, segment = 'unknown', revenue_amount desc, segment""",
        year,
    )


def read_pairs(published: Published, year: int) -> list[Row]:
    """Region × industry in one fiscal year, largest revenue first. customers: how many bought there in the year."""
    return published.rows(
        f"""with bought as (
            select
                coalesce(nullif(territory_name, 'unknown'), account_region, 'unknown') as first_segment, coalesce(industry, 'unknown') as second_segment,
                count(distinct account_id) as customers
            from fct_order_line left join dim_customer using (account_id) left join dim_territory using (territory_id)
            where fiscal_year = ? and ordered_on < ? group by 1, 2
        )
        select first_segment, second_segment, revenue_amount, cost_amount, value_ratio, coalesce(customers, 0) as customers
        from segment_value left join bought using (first_segment, second_segment)
        where segment_type = 'region_industry' and reading = 'year' and fiscal_year = ? and {DEFAULTS} and (revenue_amount <> 0 or cost_amount <> 0)
        order by revenue_amount desc, segment""",
        year, published.facts.as_of, year,
    )  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """What the company declares to measure value by beside revenue, and its rows: of the company's years, and of one year's reps and segments."""

    measure: str
    years: tuple[Row, ...]
    reps: tuple[Row, ...]
    segments: tuple[Row, ...]


def read_measured(published: Published, year: int) -> Measured | None:
    """None where the company measures by revenue. Each row has `value_ratio` by the measure and `revenue_ratio` by revenue."""
    told = published.rows("select distinct value_measure from group_value where value_measure not in ('revenue', 'gross_margin')")
    if not told:
        return None
    measure = told[0]["value_measure"]

    def rows(table: str, key: str, where: str, order: str) -> tuple[Row, ...]:
        of_year = f"reading = 'year' and {where}"
        by_measure = DEFAULTS.replace("'revenue'", f"'{measure}'")
        found = published.rows(f"""
            select measured.*, by_revenue.value_ratio as revenue_ratio
            from (select * from {table} where {of_year} and {by_measure}) as measured
            left join (select * from {table} where {of_year} and {DEFAULTS}) as by_revenue using ({key}, fiscal_year)
            where measured.value_amount <> 0 or measured.revenue_amount <> 0 or measured.cost_amount <> 0
            order by {order}
        """)
        return tuple(found)

    of_focus = f"fiscal_year = {year}"
    return Measured(
        measure,
        rows("group_value", "group_type", f"group_type = 'company' and {COST}", "fiscal_year"),
        rows("rep_value", "crm_user_id", f"crm_user_id <> 'unknown' and {COST} and {of_focus}", "rep_name, crm_user_id"),
        rows("segment_value", "segment_type, segment", of_focus, "segment_type, segment = 'unknown', value_amount desc, segment"),
    )


def read_changes(published: Published) -> list[Row]:
    """Why published figures are not what the publication before said; none where that was not compared."""
    return published.rows("select * from restatement order by table_name, row_key, column_name, cause") if published.has("restatement") else []


def read_tie_outs(published: Published) -> list[Row]:
    """What the gate compared: one row a pair of sums, those that differ first."""
    return published.rows("select * from tie_out order by is_tied, tie_out")


def read_goals(published: Published) -> list[Row]:
    """The latest version of every goal with its attainment, its fiscal year being that of the period's last day."""
    rows = published.rows(
        """select * from goal_attainment where lens = 'as_sold' and basis = 'nominal'
        order by period_end_on, owner_type, owner_name, crm_user_id, metric, goal_id, goal_version"""
    )
    latest = {row["goal_id"]: row for row in rows}
    for row in rows:
        if row["goal_version"] > latest[row["goal_id"]]["goal_version"]:
            latest[row["goal_id"]] = row
    for row in latest.values():
        row["fiscal_year"] = published.facts.fiscal_year(row["period_end_on"] - dt.timedelta(days=1))
        row["is_open"] = row["period_end_on"] > published.facts.as_of
        row["owner_name"] = wording.shown_name(row["owner_name"], row["crm_user_id"] or "unknown")
    return list(latest.values())


def judged(goals: list[Row], year: int | None = None) -> list[Row]:
    """Reps' goals whose period is over and whose target isn't nil."""
    return [
        row for row in goals if row["owner_type"] == "rep" and not row["is_open"] and row["attainment_pct"] is not None and year in (None, row["fiscal_year"])
    ]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile; all the same for one value."""
    if len(values) < 2:
        return (values[0],) * 3
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def five_figures(published: Path, facts: PublicationFacts) -> list[Figure]:
    """Five figures worth looking at, of the last full fiscal year."""
    with Published(published, facts) as opened:
        return figures_of(read_company(opened), read_goals(opened))


def figures_of(company: Company, goals: list[Row]) -> list[Figure]:
    """The same from what was read already."""
    year, currency = company.focus, company.facts.reporting_currency
    if year is None:
        return [Figure(label, wording.DASH, "nothing delivered yet") for label in ("Revenue", "Cost", "Value per 1 of cost", "Reps, median", "Goals attained")]
    reps = (f"{wording.money(year.without_rep, currency)} of it sold without a rep") if year.without_rep else "all of it sold by reps"
    if not year.value:
        reps = "no sales"
    cost_note = f"without {wording.components(year.missing)}" if year.missing else "fully loaded"
    return [
        Figure(f"Revenue {year.label}", wording.money(year.value, currency), reps),
        Figure(
            f"Cost of reps {year.label}", wording.money(year.cost, currency) if year.cost else wording.DASH, cost_note if year.cost else "no cost delivered"
        ),
        Figure(
            f"Value per 1 of cost {year.label}", wording.ratio(year.ratio), "the company, all channels" if year.ratio is not None else "no cost, so no ratio"
        ),
        _rep_figure(company, year),
        _goal_figure(goals, year),
    ]


def _rep_figure(company: Company, year: CompanyYear) -> Figure:
    ratios = [float(rep.rows["year", year.year, None]["value_ratio"]) for rep in company.ranked(year.year)]
    label = f"A rep's value per 1 of cost {year.label}"
    if not ratios:
        return Figure(label, wording.DASH, "no rep with enough to go on")
    low, middle, high = quartiles(ratios)
    if len(ratios) < FEW_CUSTOMERS:
        return Figure(label, wording.ratio(middle), f"median of {wording.plural(len(ratios), 'rep')} only")
    half = f"half of them between {wording.ratio(low)} and {wording.ratio(high)}"
    return Figure(label, wording.ratio(middle), f"median of the {len(ratios)} reps who can be compared; {half}")


def _goal_figure(goals: list[Row], year: CompanyYear) -> Figure:
    rows = judged(goals, year.year)
    label = f"Goals attained {year.label}"
    if not rows:
        return Figure(label, wording.DASH, "no goals delivered" if not goals else "no rep's goal ended in that year")
    attained = sum(row["attainment_pct"] >= 100 for row in rows)
    return Figure(label, wording.percent(100 * attained / len(rows)), f"{attained} of {wording.plural(len(rows), 'goal')} of reps")
