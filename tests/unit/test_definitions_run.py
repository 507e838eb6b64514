"""What Dagster does when it runs the graph: order, partitions, and that nothing is published past a failed build or gate.

The phases are stood in for, so that only the wiring is at work.
"""

import datetime as dt
from dataclasses import dataclass, field

import dagster as dg
import pytest

from expectations.report import CheckResult, GateReport
from expectations.vocabulary import BLOCK
from orchestration import cli
from orchestration.definitions import build_definitions
from orchestration.errors import BuildError, DeliveryError, GateError
from orchestration.landing.intake import FailedDelivery, Intake
from orchestration.lock import nightly_lock
from orchestration.phases import Run
from orchestration.publication.manifest import Publication
from orchestration.settings import Home, read_company
from orchestration.warehouse.build import BuildResult

AS_OF = "2024-01-31"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class _Run(Run):
    """A run whose phases only say what they were asked."""

    calls: list = field(default_factory=list)
    failed: tuple[FailedDelivery, ...] = ()
    broken: str = ""
    blocking: bool = False

    def take_in(self, only_assets=None, only_dates=None):
        self.calls.append(("take in", only_assets, only_dates))
        return Intake((), self.failed, 0)

    def build(self, models, only=()):
        self.calls.append(("build", tuple(only)))
        kept = [model for model in models.models if not only or model.name in only]
        built = [BuildResult(model.unique_id, model.name, "model", "error" if model.name == self.broken else "success", "no", 0) for model in kept]
        return built + [BuildResult(test.unique_id, test.name, "test", "pass", "", 0) for test in models.tests]

    def row_counts(self, models):
        return {"rep_value": 7}

    def column_types(self):
        return {("main", "rep_year"): {"fiscal_year": "integer"}}

    def check(self, only=()):
        self.calls.append(("check", *only))
        result = CheckResult("answers_rep_value", "main.rep_value", "answers", "no_nulls", "why", BLOCK, success=not self.blocking, failing_count=3)
        return GateReport((result,))

    def publish(self, models):
        self.calls.append(("publish",))
        return Publication("A", AS_OF, "f", "c", "s", 1, ())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("run") / "home")
    cli.run(["init", "--home", str(home.root)])
    folder = home.landing / "crm" / "account" / AS_OF
    folder.mkdir(parents=True)
    (folder / "account.csv").write_text("account_id\n")
    return home


@pytest.fixture
def run(home):
    return _Run(home, read_company(home))


def _execute(run, job="nightly", **how):
    definitions = build_definitions(run)
    resolved = definitions.resolve_job_def(job) if job == "nightly" else definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        return resolved.execute_in_process(run_config=_QUIET, instance=instance, partition_key=AS_OF, **how)


def test_the_nightly_takes_in_everything_then_builds_checks_and_publishes(run):
    result = _execute(run)
    assert run.calls == [("take in", None, None), ("build", ()), ("check",), ("publish",)]
    materialized = [event.asset_key.path[-1] for event in result.get_asset_materialization_events()]
    assert len(materialized) == len(set(materialized))
    assert {"raw_crm__account", "rep_value", "publication"} <= set(materialized)


def test_rows_are_counted_and_raw_is_one_materialisation_of_the_as_of_date(run):
    result = _execute(run)
    events = {event.asset_key.path[-1]: event.step_materialization_data.materialization for event in result.get_asset_materialization_events()}
    assert events["rep_value"].metadata["dagster/row_count"].value == 7
    columns = events["rep_year"].metadata["dagster/column_schema"].schema.columns
    assert next(column for column in columns if column.name == "fiscal_year").type == "integer"
    assert events["raw_crm__account"].partition == AS_OF
    assert events["publication"].metadata["as_of"].value == AS_OF


def test_a_backfill_loads_its_date_and_its_entities_alone(run):
    _execute(run, "backfill", asset_selection=[dg.AssetKey("raw_crm__account")])
    assert run.calls == [("take in", {"raw_crm__account"}, [dt.date(2024, 1, 31)]), ("check", "raw_crm__account")]


def test_a_few_models_are_built_alone(run):
    names = ["rep_value", "rep_year"]
    _execute(run, "backfill", asset_selection=[dg.AssetKey(name) for name in names])
    assert run.calls == [("build", ("rep_value", "rep_year")), ("check", "rep_value")]


def test_a_failed_delivery_stops_before_the_build(run):
    run.failed = (FailedDelivery("crm", "account", AS_OF, "crm/account/2024-01-31/account.csv", "no header", "send it again"),)
    with pytest.raises(DeliveryError, match=r"account\.csv: no header → send it again"):
        _execute(run)
    assert [call[0] for call in run.calls] == ["take in"]


def test_a_failed_model_stops_before_the_gate(run):
    run.broken = "rep_value"
    with pytest.raises(BuildError, match="model rep_value"):
        _execute(run)
    assert [call[0] for call in run.calls] == ["take in", "build"]


def test_a_failed_gate_names_its_checks_and_stops_publication(run):
    run.blocking = True
    with pytest.raises(GateError, match=r"answers_rep_value\.no_nulls: 3 rows"):
        _execute(run)
    assert [call[0] for call in run.calls] == ["take in", "build", "check"]


def test_the_run_holds_the_lock_of_the_home_and_gives_it_back(run, home):
    held = []
    run.publish = lambda models: held.append((home.work / "lock").resolve() in _locks()) or Publication("A", AS_OF, "f", "c", "s", 1, ())
    _execute(run)
    assert held == [True]
    assert not _locks()
    with nightly_lock(home):
        assert _locks()


def _locks():
    from orchestration import lock

    return lock._held
