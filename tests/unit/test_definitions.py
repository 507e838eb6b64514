"""Dagster's graph of a company: everything delivered, built, checked and published stands in it, with words and owners."""

import datetime as dt
import subprocess
import sys

import dagster as dg
import pytest

from expectations.catalogue import suite_names
from orchestration import cli
from orchestration.definitions import build_definitions
from orchestration.landing.declarations import declared_entities
from orchestration.phases import Run
from orchestration.settings import Home, read_company
from orchestration.warehouse.build import manifest_file
from orchestration.warehouse.models import read_models


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("definitions") / "home")
    cli.run(["init", "--home", str(home.root)])
    text = home.company_file.read_text().replace('time_zone = "UTC"', 'time_zone = "Europe/Berlin"')
    home.company_file.write_text(text)
    return Run(home, read_company(home))


@pytest.fixture(scope="module")
def definitions(run):
    return build_definitions(run)


@pytest.fixture(scope="module")
def specs(definitions):
    return {spec.key.path[-1]: spec for spec in definitions.resolve_all_asset_specs()}


@pytest.fixture(scope="module")
def models(run, definitions):
    return read_models(manifest_file(run.home))


def test_one_asset_a_raw_entity_a_model_and_the_publication(run, specs, models):
    raw = {entity.asset_name for entity in declared_entities(run.company)}
    assert set(specs) == raw | {model.name for model in models.models} | {"publication"}


def test_every_asset_says_what_it_is_where_it_stands_and_who_answers_for_it(specs):
    mute = [name for name, spec in specs.items() if not spec.description or spec.group_name in (None, "default") or not spec.owners]
    assert mute == []


def test_raw_assets_carry_the_declared_columns_and_a_daily_partition_where_the_company_is(run, specs):
    entity = next(entity for entity in declared_entities(run.company) if entity.entity.name == "pay_item")
    spec = specs[entity.asset_name]
    assert spec.group_name == "payroll"
    assert spec.owners == ["team:payroll"]
    assert isinstance(spec.partitions_def, dg.DailyPartitionsDefinition)
    assert spec.partitions_def.timezone == "Europe/Berlin"
    columns = spec.metadata["dagster/column_schema"].columns
    assert [(column.name, column.constraints.nullable) for column in columns] == [(column.name, not column.is_required) for column in entity.columns]
    assert "pay" in next(column for column in columns if column.name == "pay_amount").tags


def test_lineage_is_whole_from_file_to_answer_to_publication(specs, models):
    def upstream(name, seen):
        for dep in specs[name].deps:
            above = dep.asset_key.path[-1]
            if above not in seen:
                seen.add(above)
                upstream(above, seen)
        return seen

    answers = {model.name for model in models.models if model.layer == "answers"}
    assert answers
    assert all(any(name.startswith("raw_") for name in upstream(answer, set())) for answer in answers)
    assert {dep.asset_key.path[-1] for dep in specs["publication"].deps} == {model.name for model in models.published()}
    assert {"raw_crm__account", "raw_payroll__pay_item", "raw_plans__goal"} <= upstream("publication", set())


def test_every_suite_on_what_is_delivered_or_built_is_a_check_and_those_on_published_tables_stop_publication(definitions, models):
    checks = {key.name: spec for check in definitions.asset_checks for key, spec in ((spec.key, spec) for spec in check.check_specs)}
    wanted = {suite.name for suite in suite_names() if suite.connector in ("", "standard")}
    assert set(checks) == wanted
    published = {model.name for model in models.published()}
    assert all(spec.blocking for spec in checks.values() if spec.asset_key.path[-1] in published)


def test_every_dbt_test_is_a_check_on_its_model(definitions, models):
    found = {(key.asset_key.path[-1], key.name) for key in definitions.resolve_asset_graph().asset_check_keys}
    assert len(models.tests) == len(found) - sum(len(list(check.check_specs)) for check in definitions.asset_checks)


def test_the_nightly_runs_in_one_process_at_two_where_the_company_is(definitions):
    assert definitions.resolve_job_def("nightly").executor_def is dg.in_process_executor
    schedule = definitions.resolve_schedule_def("nightly_at_two")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/Berlin")


def test_the_schedule_looks_into_the_landing(run, definitions):
    schedule = definitions.resolve_schedule_def("nightly_at_two")

    def evaluate():
        with dg.DagsterInstance.ephemeral() as instance:
            now = dt.datetime(2024, 2, 10, 1, tzinfo=dt.UTC)
            context = dg.build_schedule_context(instance=instance, scheduled_execution_time=now, repository_def=definitions.get_repository_def())
            return schedule.evaluate_tick(context)

    assert evaluate().skip_message == "nothing was delivered yet"
    for day in ("2024-01-31", "2024-02-09", "2024-02-11"):
        folder = run.home.landing / "crm" / "account" / day
        folder.mkdir(parents=True)
        (folder / "account.csv.part").write_text("")
        if day != "2024-02-09":
            (folder / "account.csv").write_text("account_id\n")
    assert [request.partition_key for request in evaluate().run_requests] == ["2024-01-31"]


def test_importing_the_definitions_reads_no_home():
    code = "import os; os.environ['REPLEDGER_HOME'] = '/nowhere'; import orchestration.definitions; print('read nothing')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "read nothing\n"
