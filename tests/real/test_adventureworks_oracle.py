"""Is the oracle itself right? Every rep figure a second time in plain Python with exact fractions, and the identities that the definitions promise.

Belongs here: tests that need the files alone. Doesn't: anything that runs Repledger.
"""

import calendar
import csv
import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from adventureworks_oracle import ANSWERS, HERE, Answer, differences, report, rows

from orchestration.landing.declarations import connector_entities, declared_entities
from orchestration.settings import Home, read_company

AS_OF = dt.date(2014, 7, 1)
YEARS = (2011, 2012, 2013, 2014)
AGES = (12, 24, 36, None)


class Order(NamedTuple):
    day: dt.date
    number: int
    account: str
    rep: str
    amount: Fraction


def read(files: Path, name: str) -> list[dict[str, str]]:
    with (files / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def day_of(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@pytest.fixture(scope="module")
def orders(adventureworks_files: Path) -> list[Order]:
    """Every order in the order of its date, then its number."""
    return sorted(
        Order(day_of(row["OrderDate"]), int(row["SalesOrderID"]), row["CustomerID"], row["SalesPersonID"] or "unknown", Fraction(row["SubTotal"]))
        for row in read(adventureworks_files, "SalesOrderHeader")
    )


@pytest.fixture(scope="module")
def costs(adventureworks_files: Path, orders: list[Order]) -> dict[tuple[str, int], Fraction]:
    """Cost by rep and year. Every rep has one rate only, so that the days of a year are enough."""
    share = {row["BusinessEntityID"]: Fraction(row["CommissionPct"]) for row in read(adventureworks_files, "SalesPerson")}
    cost: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    pay = [row for row in read(adventureworks_files, "EmployeePayHistory") if row["BusinessEntityID"] in share]
    assert len(pay) == len(share) == 17
    for row, year in itertools.product(pay, YEARS):
        first, last = max(day_of(row["RateChangeDate"]), dt.date(year, 1, 1)), min(dt.date(2014, 6, 30), dt.date(year, 12, 31))
        days = (last - first).days + 1
        if days > 0:
            cost[row["BusinessEntityID"], year] += Fraction(row["Rate"]) * 2080 / 365 * days
    for order in orders:
        if order.rep != "unknown":
            cost[order.rep, order.day.year] += share[order.rep] * order.amount
    return cost


def cohorts(orders: list[Order]) -> Iterator[tuple[str, int, int | None, Fraction]]:
    """Acquirer, year, age and what one account was worth by then."""
    by_account: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        by_account[order.account].append(order)
    for bought in by_account.values():
        first = bought[0]
        for age in AGES:
            until = AS_OF if age is None else min(AS_OF, months_later(first.day, age))
            yield first.rep, first.day.year, age, sum((order.amount for order in bought if order.day < until), Fraction())


def books(orders: list[Order]) -> dict[tuple[str, int], Fraction]:
    """What each rep held at the month ends of a year, over 12: walks through the orders once, month by month."""
    book: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    worth: dict[str, Fraction] = defaultdict(Fraction)
    held: dict[str, Fraction] = defaultdict(Fraction)
    owner: dict[str, str] = {}
    waiting = list(reversed(orders))
    month_end = dt.date(2011, 6, 1)
    while month_end <= AS_OF:
        while waiting and waiting[-1].day < month_end:
            order = waiting.pop()
            if order.account in owner:
                held[owner[order.account]] -= worth[order.account]
            worth[order.account] += order.amount
            owner[order.account] = order.rep
            held[order.rep] += worth[order.account]
        for rep, value in held.items():
            book[rep, (month_end - dt.timedelta(days=1)).year] += value / 12
        month_end = months_later(month_end, 1)
    return book


def test_the_settings_declare_every_file_that_the_connector_knows(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.company_file.write_bytes((HERE / "adventureworks.toml").read_bytes())
    company = read_company(home)
    assert (company.reporting_currency, company.fiscal_year_start_month, company.credit_policy) == ("USD", 1, "acquirer")
    declared = declared_entities(company)
    assert {entity.entity.name for entity in declared} == set(connector_entities("adventureworks"))
    assert {entity.mode for entity in declared} == {"snapshot"}


@pytest.mark.parametrize("reading", ["year", "book", "cohort", "career"])
def test_every_rep_figure_is_the_same_in_exact_fractions(
    reading: str, oracle: duckdb.DuckDBPyConnection, orders: list[Order], costs: dict[tuple[str, int], Fraction]
) -> None:
    value: dict[tuple[str, int | None, int | None], Fraction] = defaultdict(Fraction)
    if reading == "year":
        for order in orders:
            value[order.rep, order.day.year, None] += order.amount
    elif reading == "book":
        value.update({(rep, year, None): amount for (rep, year), amount in books(orders).items()})
    else:
        for rep, year, age, amount in cohorts(orders):
            if reading == "cohort":
                value[rep, year, age] += amount
            elif age is None:
                value[rep, None, None] += amount
    found = rows(oracle, f"from expected_rep_value where reading = '{reading}'")
    rep_years = set(costs) | {("unknown", year) for year in YEARS}
    assert len(found) == {"year": len(rep_years), "book": len(rep_years), "cohort": 4 * len(rep_years), "career": 18}[reading]
    for row in found:
        rep, year = row["crm_user_id"], row["fiscal_year"]
        expected_value = value[rep, year, row["age_months"]]
        expected_cost = sum((cost for (who, when), cost in costs.items() if who == rep and year in (None, when)), Fraction())
        assert float(expected_value) == pytest.approx(float(row["value_amount"]), abs=1e-5), row
        assert float(expected_cost) == pytest.approx(row["cost_amount"], abs=1e-5), row
        ratio = None if expected_cost == 0 else float(expected_value / expected_cost)
        assert row["value_ratio"] == (None if ratio is None else pytest.approx(ratio, abs=1e-6)), row


def test_quota_actuals_are_the_same_in_exact_fractions(oracle: duckdb.DuckDBPyConnection, orders: list[Order], adventureworks_files: Path) -> None:
    dates: dict[str, list[dt.date]] = defaultdict(list)
    for row in read(adventureworks_files, "SalesPersonQuotaHistory"):
        dates[row["BusinessEntityID"]].append(day_of(row["QuotaDate"]))
    expected = {}
    for rep, starts in dates.items():
        for start, end in itertools.pairwise([*sorted(starts), dt.date(2014, 6, 1)]):
            expected[rep, start] = sum((order.amount for order in orders if order.rep == rep and start <= order.day < end), Fraction())
    found = {(row["crm_user_id"], row["period_start_on"]): Fraction(row["actual_amount"]) for row in rows(oracle, "from expected_goal_attainment")}
    assert found == expected
    assert len(found) == 163


def test_the_figures_that_the_data_set_is_known_for(oracle: duckdb.DuckDBPyConnection) -> None:
    [sold] = rows(
        oracle,
        """
        select
            sum(sale.amount)::varchar as total,
            count(*) filter (channel = 'rep') as rep_orders,
            count(*) filter (channel = 'rep' and territory.Name is distinct from sale.region) as other_territory,
            list(distinct seller_id order by seller_id) filter (channel = 'rep' and seat.territory_id is null and seller_id <> '280') as seatless,
        from sale
        left join seat on seat.rep_id = seller_id and ordered_on >= from_on and ordered_on < to_on
        left join csv('SalesTerritory') as territory on territory.TerritoryID = seat.territory_id
        """,
    )
    assert sold == {"total": "109846381.4039", "rep_orders": 3806, "other_territory": 676, "seatless": ["274", "285", "287"]}


def test_two_reps_swap_seats_without_a_day_between(oracle: duckdb.DuckDBPyConnection) -> None:
    swap = rows(oracle, "select rep_id, territory_id from seat where from_on = date '2012-11-30' or to_on = date '2012-11-30' order by from_on, rep_id")
    assert [(row["rep_id"], row["territory_id"]) for row in swap] == [("275", "2"), ("277", "3"), ("275", "3"), ("277", "2")]


def test_a_territory_takes_sales_by_the_day_and_cost_by_the_last_day_of_the_month(oracle: duckdb.DuckDBPyConnection, orders: list[Order]) -> None:
    """Central (3) in 2012 by hand: seat of 277, of 275 from 2012-11-30 on; 23.0769 an hour, 1.5 and 1.2 % commission; November is all 275's."""
    swapped_on, november = dt.date(2012, 11, 30), dt.date(2012, 11, 1)
    own = [order for order in orders if order.day.year == 2012 and order.rep in ("275", "277")]
    sold = sum(order.amount for order in own if (order.rep == "275") == (order.day >= swapped_on))
    paid = sum(
        order.amount * (Fraction(12, 1000) if order.rep == "275" else Fraction(15, 1000)) for order in own if (order.rep == "275") == (order.day >= november)
    )
    [row] = rows(oracle, "from expected_group_value where group_type = 'territory' and group_id = '3' and fiscal_year = 2012 and reading = 'year'")
    assert row["group_name"] == "Central"
    assert row["value_amount"] == pytest.approx(float(sold), abs=1e-5)
    assert row["cost_amount"] == pytest.approx(float(paid + Fraction("23.0769") * 2080 / 365 * 366), abs=1e-5)


def test_no_account_buys_both_from_a_rep_and_online(oracle: duckdb.DuckDBPyConnection) -> None:
    """The oracle takes the seller of the first order as the acquirer, which holds only as long as no rep follows on an online order."""
    assert rows(oracle, "select account_id from sale group by account_id having count(distinct channel) > 1") == []


def test_reps_and_territories_sum_to_the_company(oracle: duckdb.DuckDBPyConnection) -> None:
    broken = rows(
        oracle,
        """
        with total as (
            select unit_type, reading, fiscal_year, age_months, sum(value_amount) as value, sum(cost_amount) as cost, sum(customers_acquired) as won,
            from expected_value
            group by all
        )
        select *
        from total
        inner join total as company
            on company.unit_type = 'company'
            and company.reading = total.reading
            and company.fiscal_year is not distinct from total.fiscal_year
            and company.age_months is not distinct from total.age_months
        where abs(company.value - total.value) >= .005 or abs(company.cost - total.cost) >= .005 or company.won is distinct from total.won
        """,
    )
    assert broken == []


def test_segments_sum_to_the_company(oracle: duckdb.DuckDBPyConnection) -> None:
    broken = rows(
        oracle,
        """
        with total as (
            select
                segment_type,
                reading,
                fiscal_year,
                age_months,
                sum(coalesce(revenue_amount, realised_ltv_amount)) as value,
                sum(cost_amount) as cost,
                sum(customers_acquired) as won,
            from expected_segment_value
            group by all
        )
        select *
        from total
        full join (from expected_value where unit_type = 'company' and reading <> 'book') as company
            on company.reading = total.reading
            and company.fiscal_year is not distinct from total.fiscal_year
            and company.age_months is not distinct from total.age_months
        where
            abs(company.value_amount - total.value) < .005 is not true
            or abs(company.cost_amount - total.cost) < .005 is not true
            or coalesce(company.customers_acquired, total.won) is distinct from total.won
        """,
    )
    assert broken == []


def test_a_cohort_without_refunds_never_loses_value_with_age(oracle: duckdb.DuckDBPyConnection) -> None:
    for who, table in (("unit_type, unit_id", "expected_value"), ("segment_type, segment", "expected_segment_value")):
        falling = rows(
            oracle,
            f"""
            select *, lead(realised_ltv_amount) over (partition by {who}, fiscal_year order by age_months nulls last) as older
            from {table}
            where reading = 'cohort'
            qualify older < realised_ltv_amount
            """,
        )
        assert falling == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.table)
def test_the_comparison_catches_planted_damage(answer: Answer, oracle: duckdb.DuckDBPyConnection) -> None:
    """Held against itself the oracle agrees; a cent too much, a row lost and a row too many are each named."""
    itself = replace(answer, table="damaged", where="true")
    oracle.execute(f"create or replace temp table damaged as from {answer.expected}")
    assert differences(itself, oracle, oracle) == []

    amount = answer.amounts[-1]
    oracle.execute(f"update damaged set {amount} = {amount} + .01 where rowid = (select min(rowid) from damaged where {amount} is not null)")
    [line] = differences(itself, oracle, oracle)
    assert f"{amount} expected" in line

    oracle.execute("delete from damaged where rowid = (select max(rowid) from damaged)")
    stranger = "1999" if answer.key[0] == "fiscal_year" else "'nobody'"
    oracle.execute(f"insert into damaged by name (select * replace ({stranger} as {answer.key[0]}) from damaged limit 1)")
    lines = differences(itself, oracle, oracle)
    assert len(lines) == 3
    assert sum("not published" in line for line in lines) == sum("published but not expected" in line for line in lines) == 1
    assert lines[0] in report(itself, lines)
