"""What reaches back into a closed month is told on the night that brings it: by file and line what says so, and how many figures of closed months moved."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.explain.explanation import explain
from orchestration.settings import Home, read_company
from tests.pipeline.small_company import deliver, new_company, nightly, published

FIRST, SECOND = "2025-02-15", "2025-03-10"
Row = dict[str, Any]


def line(number: str, day: str, deal: str, currency: str = "EUR") -> Row:
    told = {"order_line_id": number, "order_id": number, "account_id": "a", "crm_user_id": "ann", "opportunity_id": deal}
    return told | {"ordered_on": day, "currency": currency, "booked_amount": "100"}


def job(number: str, effective_on: str, full_time_pct: str = "100") -> Row:
    return {"employee_number": number, "rep_role": "hunter", "full_time_pct": full_time_pct, "effective_on": effective_on}


def split(deal: str, ann: int) -> list[Row]:
    shares = {"ann": ann, "bea": 100 - ann}
    common = {"opportunity_id": deal, "split_role": "revenue", "effective_on": "2024-12-01" if deal == "q" else "2025-01-01"}
    return [common | {"crm_user_id": name, "split_pct": pct} for name, pct in shares.items()]


def rule(key: str, kind: str = "tools") -> Row:
    return {"pool_kind": kind, "allocation_key": key, "effective_on": "2022-01-01", "approved_by": "cem"}


def pool(kind: str, month_on: str) -> Row:
    return {"pool_id": kind, "pool_kind": kind, "month_on": month_on, "currency": "USD", "pool_amount": "100"}


def rate(told: str) -> Row:
    return {"from_currency": "EUR", "to_currency": "USD", "rate_on": "2025-01-01", "rate": told}


def leave(kind: str, starts_on: str, ends_on: str) -> Row:
    return {"employee_number": "E2", "absence_type": kind, "starts_on": starts_on, "ends_on": ends_on}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The home after both nights, and what each of them told."""
    home = new_company(tmp_path_factory.mktemp("closed"))
    numbers = {"ann": "E1", "bea": "E2"}
    deliver(home, "crm_user", FIRST, [{"crm_user_id": name, "rep_role": "hunter", "employee_number": number} for name, number in numbers.items()])
    deliver(home, "employee", FIRST, [{"employee_number": number, "hired_on": "2020-01-01"} for number in numbers.values()])
    deliver(home, "job", FIRST, [job(number, "2020-01-01") for number in numbers.values()])
    deliver(home, "account", FIRST, [{"account_id": "a", "owner_crm_user_id": "ann"}])
    deliver(home, "opportunity", FIRST, [{"opportunity_id": name, "account_id": "a", "owner_crm_user_id": "ann", "stage": "won"} for name in "opq"])
    deliver(home, "order_line", FIRST, [line("1", "2025-01-10", "o"), line("2", "2025-02-10", "p"), line("3", "2024-12-10", "q", "USD")])
    deliver(home, "opportunity_split", FIRST, [*split("o", 40), *split("q", 90)])
    deliver(home, "fx_rate", FIRST, [rate("1.1")])
    pay = {"period_start_on": "2025-01-01", "item_code": "base", "component": "base", "currency": "USD", "pay_amount": "1000"}
    deliver(home, "pay_item", FIRST, [pay | {"employee_number": number} for number in numbers.values()])
    deliver(home, "cost_pool", FIRST, [pool("tools", "2025-01-01"), pool("overhead", "2024-12-01")])
    deliver(home, "allocation_rule", FIRST, [rule("headcount"), rule("revenue", "overhead")])
    deliver(home, "absence", FIRST, [leave("parental", "2025-01-06", "2025-01-10")])
    deliver(home, "period_close", FIRST, [{"month_on": "2025-01-01", "is_closed": "true", "closed_on": FIRST, "closed_by": "cem"}])
    first = nightly(home)
    # Ann turns out to be part-time since the middle of January. Who is hired in March reaches into no closed month, nor does a split of February.
    deliver(home, "job", SECOND, [job("E1", "2020-01-01"), job("E1", "2025-01-15", "50"), job("E2", "2020-01-01"), job("E3", "2025-03-01")])
    deliver(home, "opportunity_split", SECOND, [*split("o", 70), *split("p", 50), *split("q", 60)])
    deliver(home, "allocation_rule", SECOND, [rule("revenue"), rule("revenue", "overhead")])
    deliver(home, "absence", SECOND, [leave("parental", "2025-01-20", "2025-01-25"), leave("vacation", "2025-01-27", "2025-01-29")])
    deliver(home, "fx_rate", SECOND, [rate("1.2")])
    return home, first, nightly(home)


def test_what_reaches_into_a_closed_month_is_noted_by_file_and_line(nights: tuple[Path, str, str]) -> None:
    with (nights[0] / "notes/core_late_line/none_of_a_closed_month.csv").open(encoding="utf-8") as file:
        noted = {(row["entity"], row["_file"].split("/")[2], int(row["_line"]), row["month_on"]) for row in csv.DictReader(file)}
    assert noted == {
        ("absence", SECOND, 2, "2025-01-01"),
        ("allocation_rule", SECOND, 2, "2025-01-01"),
        ("job", SECOND, 3, "2025-01-01"),
        ("opportunity_split", SECOND, 2, "2025-01-01"),
        ("opportunity_split", SECOND, 3, "2025-01-01"),
    }
    told = "select cast(month_on as varchar), late_order_lines, late_cost_lines, late_dividing_lines from period_status order by 1"
    assert published(nights[0], told)[:3] == [("2024-12-01", 0, 0, 0), ("2025-01-01", 0, 0, 5), ("2025-02-01", 0, 0, 0)]


def test_a_share_of_cost_that_goes_by_revenue_is_moved_by_what_moved_the_revenue(nights: tuple[Path, str, str]) -> None:
    """Of December nothing is another but who shared its one sale."""
    told = published(
        nights[0],
        """select split_part(row_key, ',', 1), cause, change_amount from restatement
        where table_name = 'fct_rep_cost' and column_name = 'cost_amount' and row_key like '%month_on=2024-12-01, %component=overhead%' order by 1""",
    )
    assert told == [("crm_user_id=ann", "re-split", -30), ("crm_user_id=bea", "re-split", 30)]


def test_the_night_tells_how_many_figures_of_closed_months_moved_whatever_moved_them(nights: tuple[Path, str, str]) -> None:
    home, first, second = nights
    of_then = "row_key not like '%lens=as_is%' and row_key not like '%lens=as_was%'"
    moved = published(home, f"select cause, count(*) from restatement where closed_change_amount <> 0 and {of_then} group by cause order by cause")
    assert "rate" in dict(moved), "a rate is no line of a month"
    causes = ", ".join(f"{cause} {count}" for cause, count in moved)
    told = f"{sum(count for _, count in moved)} changes of figures of closed months: {causes}; `restatement` says which (closed_change_amount)"
    assert told in second, "what the book as it stands now says moves each night by itself"
    assert "closed months" not in first


QUARTER = [("2024-12-01", "344.44"), ("2025-01-01", "344.44"), ("2025-02-01", "311.12")]
"""Shares of 1,000 from December to February: 31, 31 and 28 of 90 days; the last month has the rest."""


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January's pay of 100 is told, and January closed; a quarter's bonus is told, and paid, in March. The books have both by month."""
    home = new_company(tmp_path_factory.mktemp("quarter"))
    deliver(home, "crm_user", FIRST, [{"crm_user_id": "ann", "rep_role": "hunter", "employee_number": "E1"}])
    deliver(home, "employee", FIRST, [{"employee_number": "E1", "hired_on": "2020-01-01"}])
    deliver(home, "account", FIRST, [{"account_id": "a", "owner_crm_user_id": "ann"}])
    deliver(home, "order_line", FIRST, [line(number, day, "", "USD") for number, day in (("1", "2024-12-10"), ("2", "2025-01-10"))])
    pay = {"employee_number": "E1", "currency": "USD"}
    month = {"period_start_on": "2025-01-01", "period_end_on": "2025-02-01", "item_code": "base", "component": "base", "pay_amount": "100"}
    deliver(home, "pay_item", FIRST, [pay | month | {"paid_on": "2025-01-31"}])
    deliver(home, "period_close", FIRST, [{"month_on": "2025-01-01", "is_closed": "true", "closed_on": FIRST, "closed_by": "cem"}])
    nightly(home)
    bonus = {"period_start_on": "2024-12-01", "period_end_on": "2025-03-01", "item_code": "bonus", "component": "bonus", "pay_amount": "1000"}
    deliver(home, "pay_item", SECOND, [pay | bonus | {"paid_on": "2025-03-03"}])
    booked = {month_on: Decimal(amount) for month_on, amount in QUARTER}
    booked["2025-01-01"] += 100
    balance = {"ledger_account": "payroll", "cost_centre": "unknown", "currency": "USD"}
    deliver(home, "ledger_balance", SECOND, [balance | {"month_on": month_on, "balance_amount": str(amount)} for month_on, amount in booked.items()])
    nightly(home)
    return home


def test_a_quarters_bonus_is_in_each_of_its_months_by_days_to_the_cent(quarter: Path) -> None:
    told = "select component, cast(month_on as varchar), fiscal_year, cost_amount, cost_local_amount from fct_rep_cost order by 1, 2"
    of_quarter = [("bonus", month_on, int(month_on[:4]), Decimal(amount), Decimal(amount)) for month_on, amount in QUARTER]
    assert published(quarter, told) == [("base", "2025-01-01", 2025, 100, 100), *of_quarter]
    year = "select fiscal_year, cost_amount from rep_value where reading = 'year' and lens = 'as_sold' and value_measure = 'revenue' order by 1"
    assert published(quarter, year) == [(2024, Decimal("344.44")), (2025, Decimal("755.56"))]
    assert published(quarter, "select distinct month_on, files_less_books_amount from ledger_tie order by 1") == [
        (dt.date(2024, 12, 1), 0),
        (dt.date(2025, 1, 1), 0),
        (dt.date(2025, 2, 1), 0),
    ]


def test_a_quarters_bonus_is_paid_on_its_day(quarter: Path) -> None:
    told = "select fiscal_year, earned_amount, unpaid_amount, earned_before_amount, paid_amount from pay_reconciliation where component = 'bonus' order by 1"
    earned, later = Decimal("344.44"), Decimal("655.56")
    assert published(quarter, told) == [(2024, earned, earned, 0, 0), (2025, later, 0, earned, 1000)]


def test_a_quarters_bonus_is_late_for_each_closed_month_of_it(quarter: Path) -> None:
    assert published(quarter, "select cast(month_on as varchar), late_cost_lines from period_status order by 1")[:3] == [
        ("2024-12-01", 0),
        ("2025-01-01", 1),
        ("2025-02-01", 0),
    ]
    with (quarter / "notes/core_late_line/none_of_a_closed_month.csv").open(encoding="utf-8") as file:
        assert [(row["entity"], int(row["_line"]), row["month_on"]) for row in csv.DictReader(file)] == [("pay_item", 2, "2025-01-01")]
    told = """
        select regexp_extract(row_key, 'month_on=([0-9-]+)', 1), cause, change_amount, closed_change_amount from restatement
        where table_name = 'fct_rep_cost' and column_name = 'cost_amount' and row_key like '%component=bonus%' order by 1
    """
    shares = [(month_on, Decimal(amount)) for month_on, amount in QUARTER]
    assert published(quarter, told) == [
        (month_on, cause, amount, amount if month_on == "2025-01-01" else 0) for (month_on, amount), cause in zip(shares, ("late", "late", "new"), strict=True)
    ]


def test_each_figure_that_a_quarters_bonus_is_in_has_its_share_as_a_line(quarter: Path) -> None:
    home = Home(quarter)
    year = {"crm_user_id": "ann", "fiscal_year": "2025", "reading": "year", "lens": "as_sold", "value_measure": "revenue", "basis": "nominal"}
    month = {"crm_user_id": "ann", "employee_number": "E1", "month_on": "2024-12-01", "fiscal_year": "2024", "component": "bonus", "currency": "USD"}
    paid = {"crm_user_id": "ann", "component": "bonus", "currency": "USD", "fiscal_year": "2025"}
    for table, column, key, shares in (
        ("rep_value", "cost_amount", year, ["100", "344.44", "311.12"]),
        ("fct_rep_cost", "cost_local_amount", month, ["344.44"]),
        ("pay_reconciliation", "paid_amount", paid, ["344.44", "344.44", "311.12"]),
        ("pay_reconciliation", "earned_before_amount", paid, ["344.44"]),
        ("period_status", "late_cost_lines", {"month_on": "2025-01-01"}, ["1"]),
    ):
        found = explain(home, read_company(home), table, column, key)
        assert sorted(Decimal(str(one["amount"])) for one in found.lines if "amount" in one) == sorted(map(Decimal, shares)), (table, column)
