"""What happens when a run in the UI fails: the company's alert command is called.

Belongs here: the sensor, and finding the one line in what Dagster kept of an error. Doesn't: calling the command (`alerts`). Runs of
`repledger nightly` belong to no code location, so Dagster leaves them out here: the command tells of them itself.
"""

from collections.abc import Iterator

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from orchestration.alerts import Alert, send
from orchestration.crash import FULL_DISK, says_full_disk
from orchestration.errors import RepledgerError
from orchestration.phases import Run

_OURS = {kind.__name__ for kind in (RepledgerError, *RepledgerError.__subclasses__())}
_NO_COMMAND = "company.toml names no command under [alerts]"


def failure_alert(run: Run) -> dg.SensorDefinition:
    """Naming a command switches it on."""
    is_on = bool(run.company.alert_command)

    @dg.run_failure_sensor(
        name="alert_on_failure",
        description="Calls the command that company.toml names under [alerts] when a run or a backfill fails.",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED,
    )
    def tell(context: dg.RunFailureSensorContext) -> dg.SkipReason:
        if not is_on:
            return dg.SkipReason(_NO_COMMAND)
        failed = context.dagster_run
        problem = send(Alert(failed.run_id, failed.job_name, _line(context), str(run.home.root)), run.company, run.home)
        return dg.SkipReason(problem or f"{run.company.alert_command[0]} was told that run {failed.run_id} failed")

    return tell


def _line(context: dg.RunFailureSensorContext) -> str:
    """The line that the command would have ended with. Of a bug its kind alone: its words could hold a cell."""
    look = f"look at run {context.dagster_run.run_id} in the UI (`make dev`)"
    errors = list(_errors(context))
    for error in errors:
        if error.cls_name in _OURS:
            return " ".join(error.message.partition(": ")[2].split())
    if any(says_full_disk(error.message) for error in errors):
        return f"the disk is full → {FULL_DISK}"
    if errors:
        return f"{errors[-1].cls_name}, a bug → {look}"
    return f"the run ended without a word: it was stopped or killed, or the machine was → {look}"


def _errors(context: dg.RunFailureSensorContext) -> Iterator[SerializableErrorInfo]:
    """What Dagster kept, each error followed by what led to it."""
    for event in (*context.get_step_failure_events(), context.failure_event):
        error = getattr(event.event_specific_data, "error", None)
        while error is not None:
            yield error
            error = error.cause or error.context
