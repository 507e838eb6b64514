"""What Dagster does by itself and what it tells of: a delivery starts one night, a backfill takes in its dates, a failure is told."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG
from dagster._core.test_utils import create_run_for_test

from orchestration import cli, fingerprint
from orchestration.assets import schedule
from orchestration.assets.alerting import failure_alert
from orchestration.assets.arrival import delivery_sensor
from orchestration.assets.event_log import OneConnectionEventLog
from orchestration.assets.instance import command_instance, end_killed_runs
from orchestration.assets.raw import raw_assets
from orchestration.assets.resources import LOCK, lock_resource
from orchestration.errors import GateError
from orchestration.landing.declarations import declared_entities
from orchestration.landing.ledger import read_ledger
from orchestration.phases import NIGHTLY, Run
from orchestration.publication.manifest import Publication
from orchestration.settings import Home, read_company

_HOLD = "import sys; from pathlib import Path; from orchestration.lock import nightly_lock; from orchestration.settings import Home\n"
_HOLD += "with nightly_lock(Home(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"
# The command's runs belong to no code location.
_UI = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("orchestration.definitions"), "__repository__"), NIGHTLY)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    cli.run(["init", "--home", str(home.root)])
    return home


@pytest.fixture
def run(home):
    return Run(home, read_company(home))


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def look(run, instance):
    """Evaluate the sensor as the daemon does: with the cursor that it left."""
    cursor = [None]
    sensor = delivery_sensor(run)
    raw = raw_assets(run, dg.DailyPartitionsDefinition("2021-01-01"))
    wired = dg.Definitions([raw], jobs=[dg.define_asset_job(NIGHTLY, [raw])], sensors=[sensor], resources={LOCK: lock_resource(run.home)})
    repository = wired.get_repository_def()

    def evaluate():
        context = dg.build_sensor_context(instance=instance, cursor=cursor[0], repository_def=repository)
        found = sensor.evaluate_tick(context)
        cursor[0] = found.cursor
        return found

    return evaluate


def _deliver(run, day="2024-01-31", name="account.csv", rows=1):
    columns = next(one for one in declared_entities(run.company) if one.asset_name == "raw_crm__account").columns
    folder = run.home.landing / "crm" / "account" / day
    folder.mkdir(parents=True, exist_ok=True)
    lines = [",".join(column.name for column in columns)]
    lines += [",".join(f"A{number}" if column.name == "account_id" else "" for column in columns) for number in range(rows)]
    (folder / name).write_text("\n".join(lines) + "\n")


def _backfill(run, instance, first, last):
    """A range of partitions of one raw asset, as the UI runs it."""
    raw = raw_assets(run, dg.DailyPartitionsDefinition(first))
    tags = {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}
    return dg.materialize([raw], instance=instance, selection=["raw_crm__account"], tags=tags, resources={LOCK: lock_resource(run.home)})


def _publish(run, monkeypatch):
    """What readers see is made from what raw holds now."""
    shown = Publication("A", "2024-01-31", fingerprint.of_night(run.home, read_company(run.home), read_ledger(run.home)), "c", "s", 1, ())
    monkeypatch.setattr(schedule.published, "current", lambda _: (shown, "2024-02-01"))


def test_a_delivery_starts_one_night_and_the_same_news_no_second(run, look, monkeypatch):
    assert look().skip_message == "nothing was delivered yet"
    _deliver(run)
    first = look()
    assert [request.partition_key for request in first.run_requests] == ["2024-01-31"]
    assert look().skip_message == "nothing was delivered since the last look"

    run.take_in()
    _touch_lock(run.home)
    assert "has had its run and was not published" in look().skip_message, "loaded, but its gate failed"

    _publish(run, monkeypatch)
    _touch_lock(run.home)
    assert look().skip_message == "nothing new since the last publication"
    _deliver(run, "2021-03-31")
    second = look()
    assert second.run_requests[0].run_key != first.run_requests[0].run_key
    assert second.run_requests[0].partition_key == "2024-01-31"


def test_what_a_bad_file_held_back_is_published_once_the_file_is_gone(run, look):
    _deliver(run)
    bad = run.home.landing / "crm" / "account" / "2024-01-31" / "half.txt"
    bad.write_text("")
    assert look().run_requests
    assert run.take_in().failed
    _touch_lock(run.home)
    assert look().skip_message
    bad.unlink()
    assert look().run_requests


def test_a_file_that_is_pruned_after_it_was_loaded_is_no_news(run, look):
    _deliver(run)
    assert look().run_requests
    run.take_in()
    _touch_lock(run.home)
    (run.home.landing / "crm" / "account" / "2024-01-31" / "account.csv").unlink()
    assert "has had its run" in look().skip_message


def test_what_a_backfill_loaded_and_no_publication_has_starts_a_night(run, look, instance, monkeypatch):
    """A run of partitions in the UI loads alone: the sensor sees by the lock that it took that raw may differ, even with the file gone from landing."""
    _deliver(run)
    run.take_in()
    _publish(run, monkeypatch)
    assert look().skip_message == "nothing new since the last publication"
    _deliver(run, "2021-03-31")
    _backfill(run, instance, "2021-03-31", "2021-04-02")
    shutil.rmtree(run.home.landing / "crm" / "account" / "2021-03-31")
    assert [request.partition_key for request in look().run_requests] == ["2024-01-31"]
    _publish(run, monkeypatch)
    _touch_lock(run.home)
    assert look().skip_message == "nothing new since the last publication"


def test_a_change_of_company_toml_starts_the_night_that_it_releases(run, look):
    _deliver(run)
    assert look().run_requests
    with run.home.company_file.open("a") as file:
        file.write("# looked at\n")
    assert look().run_requests


def test_news_that_came_before_start_a_run_of_their_own_when_they_come_back(run, look, monkeypatch):
    """Dagster launches no second run of a key, and says nothing: what was changed, published and changed back would never be published."""
    _deliver(run)
    settings, keys = run.home.company_file.read_text(), []
    for policy in ("acquirer", "owner", "acquirer", "owner"):
        run.home.company_file.write_text(settings.replace('"acquirer"', f'"{policy}"'))
        keys += [request.run_key for request in look().run_requests]
        run.take_in()
        _publish(run, monkeypatch)
        _touch_lock(run.home)
    assert len(set(keys)) == 4


def test_of_company_toml_only_what_shapes_figures_is_news_and_what_can_not_be_read(run, look, monkeypatch):
    _deliver(run)
    run.take_in()
    _publish(run, monkeypatch)
    settings = run.home.company_file.read_text()
    for more in ("# looked at\n", "[retention]\nlanding_days = 90\n"):
        run.home.company_file.write_text(settings + more)
        assert look().skip_message == "nothing new since the last publication"
    for changed in (settings.replace('"acquirer"', '"owner"'), settings + "half a line"):
        run.home.company_file.write_text(changed)
        assert look().run_requests


def test_news_wait_while_the_lock_is_held(run, look):
    _deliver(run)
    with subprocess.Popen([sys.executable, "-c", _HOLD, run.home.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        assert look().skip_message == "the home's lock is held; what is new waits until it has ended"
        holder.communicate()
    assert look().run_requests


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTED])
def test_news_wait_while_a_night_is_queued_or_started_in_the_ui(run, look, instance, status):
    _deliver(run)
    night = _stored_run(instance, status, _UI)
    assert look().skip_message == f"run {night.run_id} of the nightly is {status.value.lower()}; what is new waits until it has ended"


def test_news_do_not_wait_for_a_command_that_was_killed(run, look, instance):
    _deliver(run)
    _stored_run(instance, dg.DagsterRunStatus.STARTED)
    assert look().run_requests


def test_a_look_without_news_takes_milliseconds_whatever_raw_holds(run, look, monkeypatch):
    _deliver(run)
    look()

    def read(*_):
        raise AssertionError("raw was read")

    monkeypatch.setattr("orchestration.assets.arrival._weigh", read)
    start = time.perf_counter()
    assert look().skip_message == "nothing was delivered since the last look"
    assert time.perf_counter() - start < 0.1


def test_the_sensors_are_off_until_they_are_wanted(run):
    assert delivery_sensor(run).default_status is dg.DefaultSensorStatus.STOPPED
    assert failure_alert(run).default_status is dg.DefaultSensorStatus.STOPPED
    assert failure_alert(_with_alerts(run, "x")).default_status is dg.DefaultSensorStatus.RUNNING


def test_a_range_of_partitions_takes_in_those_deliveries_and_reports_one_materialisation_a_partition(run, instance):
    for day, rows in (("2024-01-30", 1), ("2024-01-31", 2), ("2024-02-02", 3), ("2024-02-03", 4)):
        _deliver(run, day, rows=rows)
    assert raw_assets(run, dg.DailyPartitionsDefinition("2024-01-30")).backfill_policy == dg.BackfillPolicy.single_run()
    result = _backfill(run, instance, "2024-01-31", "2024-02-02")
    made = [event.step_materialization_data.materialization for event in result.get_asset_materialization_events()]
    assert [(one.partition, one.metadata["files"].value, one.metadata["dagster/row_count"].value) for one in made] == [
        ("2024-01-31", 1, 2),
        ("2024-02-01", 0, 0),
        ("2024-02-02", 1, 3),
    ]
    assert [str(one.extract_date) for one in read_ledger(run.home)] == ["2024-01-31", "2024-02-02"]


def test_a_run_of_a_killed_command_is_ended_by_the_next_and_no_other(instance):
    started = dg.DagsterRunStatus.STARTED
    night, in_the_ui = _stored_run(instance, started), _stored_run(instance, started, _UI)
    end_killed_runs(instance)
    assert [instance.get_run_by_id(one.run_id).status.value for one in (night, in_the_ui)] == ["FAILURE", "STARTED"]


@pytest.mark.parametrize("name", ["home", "e[1]", "a*b", "a: #1 'b' \"c\""])
def test_wherever_the_home_lies_telemetry_is_off_and_its_history_is_its_own(tmp_path, monkeypatch, name):
    """Dagster takes the path of its settings for a pattern: it would take those of a neighbour that it fits, or its own defaults."""
    monkeypatch.setenv("HOME", str(tmp_path))
    homes = Home(tmp_path / "a_b" / "home"), Home(tmp_path / name / "home")
    for home in homes:
        with command_instance(home) as instance:
            assert not instance.telemetry_enabled
            assert instance.root_directory == str(home.work / "dagster")
            assert isinstance(instance.event_log_storage, OneConnectionEventLog)
            assert instance.event_log_storage.path_for_shard("run") == str(home.work / "dagster/history/runs/run.db")
    assert not (tmp_path / ".dagster").exists()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (GateError("two rows\nare wrong", where="gate", do="mend them"), "gate: two rows are wrong → mend them"),
        (ValueError("pay of 47110815"), "ValueError, a bug → look at run RUN in the UI (`make dev`)"),
        (OSError(28, "No space left on device"), "the disk is full → make room there and run it again; what readers see is as it was"),
    ],
)
def test_a_failed_run_is_told_to_the_companys_command_in_one_line_without_a_cell(run, instance, error, line):
    told = run.home.root / "told.json"
    run = _with_alerts(run, sys.executable, "-c", f"import sys; open({str(told)!r}, 'w').write(sys.stdin.read())")
    failed, context = _failed_run(instance, error)
    message = failure_alert(run)(context)
    assert message.skip_message == f"{sys.executable} was told that run {failed} failed"
    assert json.loads(told.read_text()) == {"run_id": failed, "job": "job", "error": line.replace("RUN", failed), "home": str(run.home.root)}


def test_a_failed_run_without_a_command_is_told_to_nobody(run, instance):
    _, context = _failed_run(instance, ValueError())
    assert failure_alert(run)(context).skip_message == "company.toml names no command under [alerts]"


def _with_alerts(run, *command):
    return replace(run, company=replace(run.company, alert_command=command))


def _failed_run(instance, error):
    @dg.op
    def fail():
        raise error

    @dg.job
    def job():
        fail()

    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job.execute_in_process(run_config=quiet, instance=instance, raise_on_error=False)
    event = result.get_run_failure_event()
    context = dg.build_run_status_sensor_context("alert_on_failure", event, instance, result.dagster_run)
    return result.run_id, context.for_run_failure()


def _stored_run(instance, status, origin=None):
    return create_run_for_test(instance, job_name=NIGHTLY, status=status, remote_job_origin=origin)


def _touch_lock(home):
    """As any run on the home leaves it."""
    home.lock.write_text("")
    later = time.time_ns()
    os.utime(home.lock, ns=(later, later))
