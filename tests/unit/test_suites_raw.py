"""Every check on what is delivered, and on histories: good data passes, and each check catches a row planted for it.

All plants go into one warehouse, each in a row of its own, so that two sessions prove every check twice.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from gate_example import AS_OF, GOOD_LINE, add_delivery, add_raw_row, declared, file_of, make_warehouse, night, raw_table

from expectations.catalogue import suites_for
from expectations.gate import CheckResult, run_gate
from expectations.vocabulary import QueryCheck, RowCheck, Suite
from orchestration.landing.declarations import Declared

# Cells that break the checks that stand in the file of an area, by suite and check; `_extract_date` and `_mode` stay good.
PLANTS = {
    "raw_crm__crm_user": {
        "rep_role_in_set": {"rep_role": "seller"},
        "not_own_manager": {"crm_user_id": "a", "manager_crm_user_id": "a"},
    },
    "raw_crm__account": {
        "created_on_not_after_extract": {"created_on": "2099-01-01"},
        "not_merged_into_itself": {"account_id": "a", "merged_into_account_id": "a"},
    },
    "raw_crm__opportunity": {
        "opportunity_type_in_set": {"opportunity_type": "other"},
        "amount_has_currency": {"currency": ""},
        "won_is_closed": {"is_won": "true", "is_closed": "false"},
        "term_months_between": {"term_months": "365"},
        "not_merged_into_itself": {"opportunity_id": "a", "merged_into_opportunity_id": "a"},
    },
    "raw_crm__opportunity_split": {
        "split_role_in_set": {"split_role": "helper"},
        "split_pct_between": {"split_pct": "100.0001"},
    },
    "raw_crm__order_line": {
        "ordered_on_not_after_extract": {"ordered_on": "2024-07-01"},
        "ordered_on_since_1950": {"ordered_on": "1949-12-31"},
        "booked_amount_between": {"booked_amount": "1000000001"},
        "unit_cost_amount_between": {"unit_cost_amount": "-0.01"},
        "term_months_between": {"term_months": "-1"},
        "partner_keeps_a_part": {"booked_amount": "100", "partner_amount": "100.01"},
        "not_own_refund": {"order_line_id": "a", "refunds_order_line_id": "a", "booked_amount": "-1"},
        "refund_is_negative": {"refunds_order_line_id": "b", "booked_amount": "1"},
        "refund_quantity_is_negative": {"refunds_order_line_id": "b", "booked_amount": "-1", "quantity": "1"},
        "quantity_has_the_sign_of_the_amount": {"refunds_order_line_id": "", "booked_amount": "1", "quantity": "-1"},
    },
    "raw_crm__payment": {
        "collected_on_not_after_extract": {"collected_on": "2024-07-01"},
        "names_what_is_paid": {"order_line_id": "", "order_id": ""},
    },
    "raw_crm__credit_adjustment": {
        "moves_something": {"adjusted_amount": "0"},
        "between_two": {"from_crm_user_id": "a", "to_crm_user_id": "a"},
        "approved_by_another": {"created_by": "Ann", "approved_by": " ann"},
    },
    "raw_crm__activity": {
        "occurred_at_not_after_extract": {"occurred_at": "2024-07-01T00:00:00"},
        "duration_minutes_between": {"duration_minutes": "1441"},
    },
    "raw_crm__territory": {
        "not_own_parent": {"territory_id": "a", "parent_territory_id": "a"},
        "parent_delivered": {"territory_id": "b", "parent_territory_id": "nowhere"},
    },
    "raw_crm__territory_assignment": {"assigned_to_on_after_assigned_from_on": {"assigned_from_on": "2024-02-01", "assigned_to_on": "2024-02-01"}},
    "raw_crm__campaign": {"ends_on_after_starts_on": {"starts_on": "2024-02-02", "ends_on": "2024-02-01"}},
    "raw_crm__marketing_spend": {
        "month_on_first_of_month": {"month_on": "2024-01-02"},
        "spend_amount_between": {"spend_amount": "1000000001"},
        "names_method_or_campaign": {"acquisition_method": "", "campaign_id": ""},
    },
    "raw_payroll__employee": {
        "left_on_after_hired_on": {"hired_on": "2024-01-02", "left_on": "2024-01-01"},
        "hired_on_not_after_extract": {"hired_on": "2024-07-01", "left_on": ""},
    },
    "raw_payroll__job": {"rep_role_in_set": {"rep_role": "seller"}, "full_time_pct_between": {"full_time_pct": "151"}},
    "raw_payroll__absence": {
        "ends_on_after_starts_on": {"starts_on": "2024-02-01", "ends_on": "2024-01-31"},
        "absence_pct_between": {"absence_pct": "100.5"},
    },
    "raw_payroll__pay_item": {
        "component_in_set": {"component": "salary"},
        "period_end_on_after_period_start_on": {"period_start_on": "2024-01-01", "period_end_on": "2024-01-01"},
        "period_within_ten_years": {"period_start_on": "2013-12-31", "period_end_on": "2024-01-02"},
        "period_start_on_since_1950": {"period_start_on": "1949-12-31", "period_end_on": "1950-01-02"},
        "period_start_on_not_after_extract": {"period_start_on": "2024-07-01", "period_end_on": "2024-08-01", "paid_on": "2024-07-31"},
        "pay_amount_between": {"pay_amount": "10000001"},
        "clawback_is_negative": {"component": "Clawback"},
        "paid_not_before_period": {"paid_on": "2022-12-30"},
    },
    "raw_expenses__expense_line": {
        "status_in_set": {"status": "pending"},
        "spent_on_since_1950": {"spent_on": "1949-12-31"},
        "spent_on_not_after_extract": {"spent_on": "2024-07-01"},
        "expense_amount_between": {"expense_amount": "1000000.01"},
        "names_claimant": {"claimant_employee_number": "", "claimant_email": ""},
    },
    "raw_plans__goal": {
        "owner_type_in_set": {"owner_type": "region"},
        "metric_in_set": {"metric": "calls"},
        "period_end_on_after_period_start_on": {"period_start_on": "2024-02-01"},
        "target_amount_between": {"target_amount": "-1"},
        "goal_version_between": {"goal_version": "0"},
        "ramp_pct_between": {"ramp_pct": "101"},
        "owner_named": {"owner_type": "team", "owner_id": ""},
    },
    "raw_plans__allocation_rule": {
        "pool_kind_in_set": {"pool_kind": "rent"},
        "allocation_key_in_set": {"allocation_key": "shoe_size"},
        "pool_pct_between": {"pool_pct": "101"},
        "pool_has_a_key": {"allocation_key": ""},
        "one_rule_a_day": {"pool_kind": "Tools"},
    },
    "raw_plans__reward": {"reward_amount_between": {"reward_amount": "-1"}},
    "raw_plans__coaching": {
        "chosen_by_in_set": {"chosen_by": "hunch"},
        "hours_between": {"hours": "25"},
        "coaching_cost_amount_between": {"coaching_cost_amount": "-1"},
        "cost_has_currency": {"currency": ""},
    },
    "raw_plans__market_potential": {
        "potential_amount_between": {"potential_amount": "-1"},
        "customer_count_between": {"customer_count": "-1"},
        "calendar_year_between": {"calendar_year": "24"},
    },
    "raw_plans__feedback": {"said_on_not_after_extract": {"said_on": "2024-07-01"}},
    "raw_plans__decision": {"decided_on_not_after_extract": {"decided_on": "2024-07-01"}},
    "raw_finance__cost_pool": {"month_on_first_of_month": {"month_on": "2024-01-31"}, "pool_kind_in_set": {"pool_kind": "rent"}},
    "raw_finance__ledger_balance": {
        "month_on_first_of_month": {"month_on": "2024-01-31"},
        "month_on_not_after_extract": {"month_on": "2024-07-01"},
    },
    "raw_finance__period_close": {
        "month_on_first_of_period": {"month_on": "2024-01-31"},
        "closed_after_its_end": {"closed_on": "2024-01-31"},
        "closed_on_not_after_extract": {"closed_on": "2024-07-01"},
    },
    "raw_reference__fx_rate": {
        "rate_positive": {"rate": "0"},
        "rate_between": {"rate": "10000001"},
        "pair_differs": {"from_currency": "USD", "to_currency": "USD"},
        "rate_on_not_after_extract": {"rate_on": "2024-07-01"},
    },
    "raw_reference__price_index": {"month_on_first_of_month": {"month_on": "2024-01-02"}, "index_positive": {"index_value": "0"}},
    "raw_reference__correction": {
        "approved_by_another": {"written_by": "Ann ", "approved_by": "ann", "to_value": "another"},
        "cell_is_known": {"column_name": "account_id"},
        "values_castable": {"column_name": "created_on", "from_value": "2024-01-01", "to_value": "yesterday"},
        "key_castable": {"entity": "pay_item", "column_name": "component", "entity_key": "a|2024-1-1|b"},
    },
    "raw_reference__crosswalk": {
        "id_kind_in_set": {"id_kind": "planet"},
        "not_itself": {"to_id": "a", "is_deleted": ""},
        "has_a_reason": {"reason": "", "is_deleted": ""},
    },
    "raw_reference__fiscal_calendar": {
        "ends_on_after_starts_on": {"starts_on": "2024-02-01", "ends_on": "2024-02-01", "is_deleted": ""},
        "one_version": {"ends_on": "2024-02-02", "is_deleted": ""},
        "fiscal_period_between": {"fiscal_period": "54"},
    },
    "raw_ecb__fx_rate": {
        "rate_or_none": {"GBP": "none"},
        "Date_not_after_extract": {"Date": "2024-07-01"},
    },
    "raw_adventureworks__SalesOrderHeader": {
        "SubTotal_between": {"SubTotal": "-0.01"},
        "OrderDate_not_after_extract": {"OrderDate": "2024-07-01"},
        "TerritoryID_delivered": {"TerritoryID": "99"},
        "CustomerID_delivered": {"CustomerID": "99"},
        "SalesPersonID_delivered": {"SalesPersonID": "99"},
    },
    "raw_adventureworks__SalesOrderHeaderSalesReason": {"SalesReasonID_delivered": {"SalesReasonID": "99"}},
    "raw_adventureworks__SalesReason": {"ReasonType_in_set": {"ReasonType": "Luck"}},
    "raw_adventureworks__EmployeePayHistory": {
        "rate_positive": {"Rate": "0"},
        "Rate_between": {"Rate": "1001"},
        "RateChangeDate_not_after_extract": {"RateChangeDate": "2024-07-01 00:00:00"},
    },
    "raw_adventureworks__SalesPerson": {"CommissionPct_between": {"CommissionPct": "1.2"}},
    "raw_adventureworks__SalesPersonQuotaHistory": {
        "SalesQuota_between": {"SalesQuota": "-1"},
        "BusinessEntityID_delivered": {"BusinessEntityID": "99"},
    },
    "raw_adventureworks__SalesTerritoryHistory": {
        "EndDate_not_before_StartDate": {"StartDate": "2024-03-01 00:00:00", "EndDate": "2024-02-01 00:00:00"},
        "TerritoryID_delivered": {"TerritoryID": "99"},
    },
    "raw_adventureworks__Customer": {"StoreID_delivered": {"StoreID": "99"}},
}
# Asked of the ledger or of the spans, and planted there.
OF_MANY_ROWS = {
    "key_unique",
    "one_rule_a_day",
    "no_contradiction",
    "volume_like_before",
    "volume_no_jump",
    "fresh",
    "spans_no_overlap",
    "one_source",
    "revenue_splits_are_whole",
    "one_target",
    "periods_follow_each_other",
    "periods_are_numbered",
    "company_calendar_delivered",
    "answered_once",
    "id_not_reused",
    "day_told_once",
    "days_told_once",
}

DECLARED = {(each.entity.connector, each.entity.name): each for each in declared()}


def _suites(tmp_path: Path) -> list[Suite]:
    return [suite for suite in suites_for(night(tmp_path)) if suite.layer == "raw" or suite.name.endswith("_history")]


def _breaking_cells(suite: Suite, check: RowCheck | QueryCheck) -> dict[str, str | None]:
    planted = PLANTS.get(suite.name, {}).get(check.name)
    if planted is not None:
        return planted
    column, _, kind = check.name.rpartition("_not_null")
    if kind == "" and column:
        return {column: ""}
    if check.name.endswith("_castable"):
        return {check.name.removesuffix("_castable"): "neither date nor number"}
    assert check.name.endswith("_is_code"), f"{suite.name}.{check.name} has never been seen to catch anything: plant a row for it"
    return {check.name.removesuffix("_is_code"): "usd"}


@pytest.fixture(scope="module")
def planted_lines() -> dict[tuple[str, str], int]:
    """The line of the row that breaks a check on raw rows."""
    lines: dict[tuple[str, str], int] = {}
    for suite in _suites(Path()):
        for check in suite.checks if suite.entity else ():
            if check.name not in OF_MANY_ROWS:
                lines[suite.name, check.name] = 1000 + len(lines)
    return lines


@pytest.fixture(scope="module")
def good_results(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckResult, ...]:
    folder = tmp_path_factory.mktemp("good")
    return run_gate(make_warehouse(folder / "w.duckdb"), night(folder), _suites(folder)).results


@pytest.fixture(scope="module")
def damaged_results(tmp_path_factory: pytest.TempPathFactory, planted_lines: dict[tuple[str, str], int]) -> dict[tuple[str, str], CheckResult]:
    folder = tmp_path_factory.mktemp("damaged")
    warehouse = make_warehouse(folder / "w.duckdb")
    with duckdb.connect(str(warehouse)) as connection:
        for suite in _suites(folder):
            if suite.entity:
                _plant_raw(connection, suite, DECLARED[suite.entity.connector, suite.entity.name], planted_lines)
            elif suite.layer == "core":
                _plant_history(connection, suite)
        connection.execute("update raw.delivery set lines = 0, loaded = 0 where file like '%/account/%' and loaded = 1")
        connection.execute("update raw.delivery set rejected = 7 where file like '%/goal/%'")
    # Years on, every entity is stale.
    later = night(folder, as_of=dt.date(2026, 12, 31), fiscal_calendar="nobody's")
    return {(result.suite, result.check): result for result in run_gate(warehouse, later, _suites(folder)).results}


def _plant_raw(connection: duckdb.DuckDBPyConnection, suite: Suite, each: Declared, lines: dict[tuple[str, str], int]) -> None:
    for check in suite.checks:
        if check.name not in OF_MANY_ROWS:
            add_raw_row(connection, each, lines[suite.name, check.name], _breaking_cells(suite, check))
    add_raw_row(connection, each, 999, {})
    # A jump from 10 rows to 2,000, and then a loss of all but one.
    for days, loaded in ((20, 10), (10, 2000)):
        day = AS_OF - dt.timedelta(days=days)
        add_delivery(connection, each, day, f"{each.source}/{each.entity.name}/{day}/a.csv", loaded)


def _plant_history(connection: duckdb.DuckDBPyConnection, suite: Suite) -> None:
    name = suite.table
    damages = [f"{column} = null" for column in suite.key if column not in ("valid_from_on", "known_from_on")]
    damages += ["valid_to_on = valid_from_on", "known_to_on = known_from_on", "valid_to_on = date '2000-01-01', known_to_on = date '2024-07-01'"]
    if name.endswith("marketing_spend_history"):
        damages.append("currency = 'XXX'")
    if name.endswith("fiscal_calendar_history"):
        damages.append("starts_on = ends_on + 1, ends_on = ends_on + 30, fiscal_period = fiscal_period + 2")
    if name.endswith("core_absence_history"):
        # Overlapping, of nobody, before the hire, and without an end.
        damages += ["absence_type = 'other'", "employee_number = 'nobody'", "starts_on = date '2023-12-31'", "starts_on = date '2020-01-01', ends_on = null"]
    damages.append("_source = 'another'")
    for entity, day in (("order_line", "ordered_on"), ("expense_line", "spent_on")):
        if name.endswith(f"{entity}_history"):
            connection.execute(f"insert into core.core_takeover values ('{entity}', 'old', 'new', date '2020-01-01')")
            damages += [f"_source = 'old', {day} = date '2019-12-31'", f"_source = 'new', {day} = date '2020-01-01'"]
    for entity, cell in (("crm_user", "employee_number"), ("account", "account_name"), ("opportunity", "account_id")):
        if name.endswith(f"core_{entity}_history"):
            connection.execute(f"insert into core.core_takeover values ('{entity}', 'old', 'new', date '2020-01-01')")
            damages += ["_source = 'old'", f"_source = 'new', {cell} = 'other'"]
    if name.endswith("core_account_history"):
        damages.append("_source = 'old', account_id = 'other'")
    for damage in damages:
        connection.execute(f"create temp table bad as select * from {name} limit 1; update bad set {damage}")
        connection.execute(f"insert into {name} select * from bad; drop table bad")


def test_good_data_passes(good_results: tuple[CheckResult, ...]) -> None:
    assert [result.line for result in good_results if not result.success or result.broke] == []
    assert len(good_results) > 600


@pytest.mark.parametrize("suite", _suites(Path()), ids=lambda suite: suite.name)
def test_every_check_catches_what_is_planted_for_it(
    suite: Suite, damaged_results: dict[tuple[str, str], CheckResult], planted_lines: dict[tuple[str, str], int]
) -> None:
    for check in suite.checks:
        result = damaged_results[suite.name, check.name]
        assert result.broke is None, result.line
        assert not result.success, f"{suite.name}.{check.name} let damage pass"
        assert 0 < len(result.keys) <= min(20, result.failing_count)
        if check.name not in OF_MANY_ROWS and suite.entity:
            lines = [int(row["_line"]) for row in _written(result)]
            assert planted_lines[suite.name, check.name] in lines
            assert GOOD_LINE not in lines, f"{suite.name}.{check.name} takes a good row for a bad one"


def test_a_failing_row_is_named_by_key_file_and_line(damaged_results: dict[tuple[str, str], CheckResult], planted_lines: dict[tuple[str, str], int]) -> None:
    result = damaged_results["raw_crm__order_line", "booked_amount_between"]
    line = planted_lines["raw_crm__order_line", "booked_amount_between"]
    each = DECLARED["standard", "order_line"]
    assert f"order_line_id=a, _file={file_of(each)}, _line={line}" in result.keys


def test_a_snapshot_that_lost_half_its_rows_is_named(damaged_results: dict[tuple[str, str], CheckResult]) -> None:
    result = damaged_results["raw_crm__territory", "volume_like_before"]
    assert result.severity == "BLOCK"
    assert result.keys == ("source=crm, extract_date=2024-06-30",)


def test_an_area_cannot_name_an_entity_that_is_not_in_the_contract() -> None:
    from expectations.raw.contract import raw_suites

    with pytest.raises(ValueError, match="no entity pay_itme in payroll"):
        raw_suites("standard", "payroll", {"pay_itme": ()})


def test_every_raw_suite_reads_a_table_of_its_connector() -> None:
    for suite in _suites(Path()):
        if suite.entity:
            assert suite.table == raw_table(suite.entity)


def _written(result: CheckResult) -> Iterator[dict[str, str]]:
    assert result.rows_file is not None
    with result.rows_file.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
