"""The gate itself: what it does with a check that fails, one that breaks, and with cells that nobody may see."""

import dataclasses
import datetime as dt
from pathlib import Path

import duckdb
import pytest
from gate_example import AS_OF, add_delivery, add_raw_row, declared, file_of, make_warehouse, night, raw_table

from expectations.catalogue import suite_names, suites_for
from expectations.gate import GateReport, run_gate
from expectations.guarded import guarded_columns
from expectations.night_sql import key_columns
from expectations.report import TakenOver
from expectations.vocabulary import BLOCK, NOTE, QueryCheck, Suite, between, in_set, no_rows, not_null, number_between, rule, suite
from orchestration.errors import GateError
from orchestration.phases import raise_for_gate

SECRET = "31337.4242"
DECLARED = {each.entity.name: each for each in declared()}


@pytest.fixture(scope="module")
def good_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_warehouse(tmp_path_factory.mktemp("good") / "w.duckdb")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Thirty rows, one of them bad in every way."""
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table things as select i as id, case when i = 7 then null else 'red' end as colour, i as size from range(30) as r(i)")
        connection.execute("update things set size = 1000 where id = 7")
    return path


def _suite(*checks: object) -> Suite:
    return suite("things", "main.things", "marts", ("id",), *checks)  # type: ignore[arg-type]


def _run(warehouse: Path, tmp_path: Path, *checks: object) -> GateReport:
    return run_gate(warehouse, night(tmp_path), [_suite(*checks)])


def test_a_failing_check_names_its_rows_and_writes_all_of_them(table: Path, tmp_path: Path) -> None:
    report = _run(table, tmp_path, rule("none_at_all", "id >= 0", severity=BLOCK, why="a test"), between("size", 0, 100, severity=NOTE, why="big things fall"))
    every, big = report.results
    assert (every.failing_count, len(every.keys)) == (30, 20)
    assert every.rows_file == tmp_path / "failed/gate/things/none_at_all.csv"
    assert every.rows_file.read_text(encoding="utf-8").splitlines()[:2] == ["id", "0"]
    assert len(every.rows_file.read_text(encoding="utf-8").splitlines()) == 31
    assert big.keys == ("id=7",)
    assert report.blocking == (every,)
    assert report.notes == (big,)
    assert big.line == f"things.size_between: 1 row, first id=7 (big things fall); all of them: {tmp_path}/notes/things/size_between.csv"
    assert (tmp_path / "notes/notes.txt").read_text(encoding="utf-8") == f"{big.line}\n"
    assert [path.name for path in (tmp_path / "failed").rglob("*.csv")] == ["none_at_all.csv"]


def test_what_is_delivered_stands_before_what_follows_from_it(table: Path, tmp_path: Path) -> None:
    checks = [rule("none_at_all", "id >= 0", severity=BLOCK, why="a test")]
    suites = [suite(layer, "main.things", layer, ("id",), *checks) for layer in ("answers", "marts", "core", "raw")]  # type: ignore[arg-type]
    assert [result.suite for result in run_gate(table, night(tmp_path), suites).blocking] == ["raw", "core", "marts", "answers"]


def test_rows_of_an_earlier_failure_do_not_stay_behind(table: Path, tmp_path: Path) -> None:
    _run(table, tmp_path, not_null("colour", severity=BLOCK, why="a test"))
    report = _run(table, tmp_path, in_set("colour", ["red"], severity=BLOCK, why="a test"))
    assert report.blocking == ()
    assert not list((tmp_path / "failed").rglob("*.csv"))


def test_notes_of_an_earlier_night_do_not_stay_behind(table: Path, tmp_path: Path) -> None:
    _run(table, tmp_path, not_null("colour", severity=NOTE, why="a test"))
    assert (tmp_path / "notes").exists()
    _run(table, tmp_path, in_set("colour", ["red"], severity=NOTE, why="a test"))
    assert not (tmp_path / "notes").exists()


def test_of_a_delivered_row_only_key_place_and_the_checked_cell_are_written(good_warehouse: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    warehouse.write_bytes(good_warehouse.read_bytes())
    with duckdb.connect(str(warehouse)) as connection:
        add_raw_row(connection, DECLARED["opportunity"], 66, {"currency": "XXZ", "stage": "told in confidence"})
    facts = night(tmp_path)
    results = run_gate(warehouse, facts, [each for each in suites_for(facts) if each.name == "raw_crm__opportunity"]).blocking
    assert [result.check for result in results] == ["currency_is_code"]
    assert results[0].rows_file is not None
    header, row = results[0].rows_file.read_text(encoding="utf-8").splitlines()
    assert header == "opportunity_id,_file,_line,currency"
    assert row.endswith(",66,XXZ")


@pytest.mark.parametrize(
    "broken",
    [
        rule("broken", "no_such_column > 1", severity=NOTE, why="a test"),
        not_null("no_such_column", severity=NOTE, why="a test"),
        no_rows("broken", "select * from no_such_table", keys=("id",), severity=NOTE, why="a test"),
        no_rows("broken", "select id from {batch}", keys=("no_such_key",), severity=NOTE, why="a test"),
    ],
    ids=["column of a rule", "column of GX's own", "table", "key"],
)
def test_a_check_that_broke_is_no_bad_data_and_blocks(broken: QueryCheck, table: Path, tmp_path: Path) -> None:
    healthy = not_null("colour", severity=NOTE, why="a test")
    broke, failed = _run(table, tmp_path, broken, healthy).results
    assert broke.broke is not None
    assert "no_such_" in broke.broke
    assert (broke.failing_count, broke.keys, broke.blocks) == (0, (), True)
    assert "this is not about the data" in broke.line
    assert (failed.broke, failed.failing_count, failed.blocks) == (None, 1, False)


def test_every_check_of_a_table_that_is_missing_breaks(table: Path, tmp_path: Path) -> None:
    missing = suite("gone", "main.gone", "marts", ("id",), not_null("id", severity=NOTE, why="a test"), rule("any", "true", severity=NOTE, why="a test"))
    report = run_gate(table, night(tmp_path), [missing])
    assert [result.check for result in report.blocking if result.broke] == ["id_not_null", "any"]


def test_an_exception_that_quotes_a_cell_is_not_passed_on(table: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(table)) as connection:
        connection.execute(f"update things set colour = 'paid {SECRET}' where id = 3")
    checks = [
        rule("casts", "cast(colour as decimal(18, 4)) > 0", severity=BLOCK, why="a test"),
        no_rows("joins", "select cast(colour as date) as id from {batch}", keys=("id",), severity=BLOCK, why="a test"),
    ]
    for result in _run(table, tmp_path, *checks).results:
        assert result.broke is not None
        assert "Conversion Error" in result.broke
        assert SECRET not in repr(result)


@pytest.mark.parametrize("damage", [None, "update things set size = -1", "drop table things"], ids=["passes", "fails", "breaks"])
def test_the_file_can_be_written_again_in_the_same_process(damage: str | None, table: Path, tmp_path: Path) -> None:
    previous = make_previous(tmp_path)
    if damage:
        with duckdb.connect(str(table)) as connection:
            connection.execute(damage)
    facts = dataclasses.replace(night(tmp_path), previous=previous)
    run_gate(table, facts, [_suite(between("size", 0, 1000, severity=BLOCK, why="a test"))])
    for path in (table, previous):
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table written as select 1 as one")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{table}' as warehouse")


def make_previous(tmp_path: Path) -> Path:
    path = tmp_path / "previous's.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table company_revenue as select 1 as one")
    return path


def test_braces_and_percent_signs_of_a_query_arrive_as_they_are(table: Path, tmp_path: Path) -> None:
    check = no_rows("braces", "select id from {batch} where regexp_full_match(colour, 'r.{2}') or colour like '%r%d%'", keys=("id",), severity=BLOCK, why="a")
    result = _run(table, tmp_path, check).results[0]
    assert (result.broke, result.failing_count) == (None, 29)


def test_a_colon_that_would_be_taken_for_a_parameter_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=":mi as a parameter"):
        rule("time", "strptime(x, 'hh :mi') is null", severity=NOTE, why="a test")


def test_two_checks_of_a_suite_never_share_a_name() -> None:
    with pytest.raises(ValueError, match="two checks named size_between"):
        _suite(between("size", 0, 1, severity=NOTE, why="a"), number_between("size", 0, 1, severity=NOTE, why="a"))


def test_guarded_cells_never_leave_the_warehouse(good_warehouse: Path, tmp_path: Path) -> None:
    """A row with a secret in every guarded cell, and every other cell wrong, so that nearly every check of it fails."""
    warehouse = tmp_path / "w.duckdb"
    warehouse.write_bytes(good_warehouse.read_bytes())
    guarded = 0
    with duckdb.connect(str(warehouse)) as connection:
        for each in DECLARED.values():
            cells = {column.name: SECRET if column.is_guarded else "9999-99-99" for column in each.entity.columns}
            guarded += list(cells.values()).count(SECRET)
            add_raw_row(connection, each, 66, cells)
        connection.execute(f"update fct_rep_cost set cost_amount = {SECRET}, month_on = date '2023-03-02'")
        connection.execute(f"update rep_value set cost_amount = {SECRET}, net_value_amount = {SECRET}, value_ratio = {SECRET}, lens = 'as_planned'")
    report = run_gate(warehouse, night(tmp_path))
    written = "".join(path.read_text(encoding="utf-8") for folder in ("failed", "notes") for path in (tmp_path / folder).rglob("*.*"))
    assert guarded > 8
    assert not [result for result in report.results if result.broke]
    assert {"raw_payroll__pay_item", "raw_payroll__employee", "raw_expenses__expense_line", "fct_rep_cost", "rep_value"} <= {
        result.suite for result in report.blocking
    }
    assert SECRET not in repr(report)
    assert SECRET not in written
    assert "9999-99-99" in written


def test_no_check_shows_a_guarded_column() -> None:
    for each in suites_for(night(Path())):
        guarded = {column.name for column in each.entity.columns if column.is_guarded} if each.entity else guarded_columns(each.table)
        for check in each.checks:
            shown = {*key_columns(each, check), *(check.shows if isinstance(check, QueryCheck) else ())}
            assert not shown & guarded, f"{each.name}.{check.name}"


def test_a_night_looks_only_at_what_it_brought(good_warehouse: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    warehouse.write_bytes(good_warehouse.read_bytes())
    goal, job = DECLARED["goal"], DECLARED["job"]
    with duckdb.connect(str(warehouse)) as connection:
        add_raw_row(connection, goal, 66, {"metric": "calls"})
        connection.execute(f"update {raw_table(goal.entity)} set _file = 'plans/goal/2024-06-29/old.csv' where _line = 66")
        add_raw_row(connection, goal, 67, {"goal_version": "0"})
        add_raw_row(connection, job, 68, {"employee_number": ""})
    facts = night(tmp_path, new_deliveries=[file_of(goal)])
    suites = [each for each in suites_for(facts) if each.name in ("raw_plans__goal", "raw_payroll__job")]
    results = run_gate(warehouse, facts, suites).results
    assert [f"{result.suite}.{result.check}" for result in results if not result.success] == ["raw_plans__goal.goal_version_between"]
    assert [result.check for result in results if result.suite == "raw_payroll__job"] == ["fresh"]


@pytest.mark.parametrize(("before", "after"), [(100, 1), (3, 0)], ids=["half of many", "all of few"])
def test_a_loss_of_rows_that_a_person_accepted_does_not_block(before: int, after: int, good_warehouse: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    warehouse.write_bytes(good_warehouse.read_bytes())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"update raw.delivery set loaded = {after} where entity = 'account'")
        connection.execute(
            f"insert into raw.delivery by name select * replace (date '{AS_OF - dt.timedelta(30)}' as extract_date, {before} as loaded)"
            " from raw.delivery where entity = 'account'"
        )
    account = [each for each in suites_for(night(tmp_path)) if each.name == "raw_crm__account"]
    report = run_gate(warehouse, night(tmp_path), account)
    assert [result.check for result in report.blocking] == ["volume_like_before"]
    with pytest.raises(GateError, match=f"write drift_accepted_on = {AS_OF} near the top"):
        raise_for_gate(report)
    assert run_gate(warehouse, night(tmp_path, drift_accepted_on=AS_OF), account).blocking == ()


@pytest.mark.parametrize(("entity", "days"), [("job", 45), ("territory", 400)])
def test_an_entity_is_stale_after_its_days(entity: str, days: int, good_warehouse: Path, tmp_path: Path) -> None:
    stale = [each for each in suites_for(night(tmp_path)) if each.entity and (each.entity.connector, each.entity.name) == ("standard", entity)]
    in_time, late = (run_gate(good_warehouse, night(tmp_path, as_of=AS_OF + dt.timedelta(gone)), stale) for gone in (days, days + 1))
    assert in_time.notes == ()
    assert [(result.check, result.failing_count) for result in late.notes] == [("fresh", 1)]
    assert late.notes[0].keys[0].endswith(f", last_extract_on={AS_OF}")


@pytest.mark.parametrize(
    ("taking", "on", "notes"),
    [("payroll", AS_OF, 0), ("payroll", AS_OF + dt.timedelta(900), 1), ("never_delivered", AS_OF, 1)],
    ids=["answers no longer", "answers still", "nobody answers"],
)
def test_a_source_that_another_took_over_from_is_never_stale(taking: str, on: dt.date, notes: int, good_warehouse: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    warehouse.write_bytes(good_warehouse.read_bytes())
    as_of = AS_OF + dt.timedelta(500)
    with duckdb.connect(str(warehouse)) as connection:
        add_delivery(connection, dataclasses.replace(DECLARED["account"], source="payroll"), as_of, f"payroll/account/{as_of}/a.csv", 1)
    facts = night(tmp_path, as_of=as_of, new_deliveries=[], takeovers=(TakenOver("crm", taking, on, ("account",)),))
    account = [each for each in suites_for(facts) if each.name == "raw_crm__account"]
    assert len(run_gate(warehouse, facts, account).notes) == notes


def test_suites_are_named_without_great_expectations() -> None:
    specs = suite_names()
    names = [spec.name for spec in specs]
    assert len(set(names)) == len(names)
    assert {(spec.name, spec.table, spec.layer) for spec in specs} >= {
        ("raw_payroll__pay_item", "raw.standard__pay_item", "raw"),
        ("raw_adventureworks__SalesOrderHeader", "raw.adventureworks__SalesOrderHeader", "raw"),
        ("core_account_history", "core.core_account_history", "core"),
        ("rep_value", "main.rep_value", "answers"),
    }


def test_every_check_says_why() -> None:
    for each in suites_for(night(Path())):
        for check in each.checks:
            assert len(check.why) > 15, f"{each.name}.{check.name}"
