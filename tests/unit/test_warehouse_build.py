"""What a person reads when a model or a test of the warehouse fails: its name and why, and never a cell."""

import dataclasses
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import BuildError, without_cells
from orchestration.settings import Home, read_company
from orchestration.warehouse.build import BuildResult, parse_key, raise_for
from orchestration.warehouse.failing_rows import forget_failing_rows, write_failing_rows
from tests.pipeline.small_company import new_company

HOME = Home(Path("home"))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Runtime Error in model pay (pay.sql)\n  Conversion Error: Could not convert string '98,765.43' to DECIMAL(18,4)\n  LINE 3",
            "Conversion Error: Could not convert string … to DECIMAL(18,4)",
        ),
        (
            "Out of Range Error: Overflow in multiplication of DECIMAL(18) (98765.43 * 120000)!",
            "Out of Range Error: Overflow in multiplication of DECIMAL(18) (… * …)!",
        ),
        ('Conversion Error: Could not convert string "12secret34" to DECIMAL(18,4)', "Conversion Error: Could not convert string … to DECIMAL(18,4)"),
        ("Got 3 results, configured to fail if != 0", "Got … results, configured to fail if != …"),
        ('Binder Error: column "month_12" not found', 'Binder Error: column "month_12" not found'),
        ("", ""),
    ],
)
def test_a_database_message_is_shown_without_the_cell_it_quotes(message, shown):
    assert without_cells(message) == shown


def _result(name, kind, status, failures=0):
    return BuildResult(f"{kind}.{name}", name, kind, status, "Binder Error: no such column", failures)


def test_the_first_that_failed_is_named_with_how_many_more():
    results = [_result("a", "model", "success"), _result("rows_tie_out", "test", "fail", 7), _result("b", "model", "skipped"), _result("c", "model", "error")]
    with pytest.raises(BuildError, match=r"^test rows_tie_out: found 7 rows that break its rule \(and 1 more\) → "):
        raise_for(results, HOME)
    with pytest.raises(BuildError, match=r"^model c: Binder Error: no such column → "):
        raise_for(results[2:], HOME)


def test_a_failed_test_names_up_to_three_rows_and_where_all_of_them_are(tmp_path):
    home = Home(tmp_path)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "create table pay as select 'E' || (i % 5) as employee_number, 47110815 + i as pay_amount, 'x' as never_described from range(10) as r(i)"
        )
    sql = "select employee_number, pay_amount, never_described, count(*) as row_count from pay group by all"
    keys, look = write_failing_rows(home, "rule", "input_pay_item", sql)
    assert keys == ("employee_number=E0, row_count=1", "employee_number=E0, row_count=1", "employee_number=E1, row_count=1")
    assert look.read_text().splitlines()[:2] == ["employee_number,row_count", "E0,1"]
    assert len(look.read_text().splitlines()) == 11
    failed = dataclasses.replace(_result("rule", "test", "fail", 10), keys=keys, look=look)
    with pytest.raises(
        BuildError, match=rf"found 10 rows that break its rule: employee_number=E0, row_count=1; .* → nothing was published; all of them: {look}$"
    ):
        raise_for([failed], home)
    assert write_failing_rows(home, "by_hand", "", sql)[0] == keys
    assert write_failing_rows(home, "pay_alone", "", "select pay_amount from pay") == ((), None)
    forget_failing_rows(home)
    assert not (home.failed / "dbt").exists()


def test_warnings_and_skipped_models_are_no_failure():
    raise_for([_result("a", "test", "warn", 2), _result("b", "model", "skipped"), _result("c", "test", "pass")], HOME)


def test_the_project_is_parsed_anew_only_for_a_setting_that_shapes_a_model(tmp_path):
    company = read_company(Home(new_company(tmp_path)))
    key = parse_key(company)
    assert parse_key(dataclasses.replace(company, name="O'Brien", reporting_currency="EUR", full_time_hours_month=150)) == key
    for shaping in ({"credit_policy": "split"}, {"contract_measure": "acv"}, {"bases": ("nominal", "constant")}, {"fiscal_calendar": "445"}):
        assert parse_key(dataclasses.replace(company, **shaping)) != key
