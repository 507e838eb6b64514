"""Dagster's own files: run history in the home's scratch, telemetry off.

Belongs here: the instance of a home, as the UI and as the command see it. Doesn't: definitions.
"""

import glob
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from orchestration.errors import ConfigurationError
from orchestration.settings import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

_UI = """telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""
# The command writes the same history, faster, and says on the terminal what a run in the UI keeps as logs.
_COMMAND = """telemetry:
  enabled: false
event_log_storage:
  module: orchestration.assets.event_log
  class: OneConnectionEventLog
  config:
    base_dir: {runs}
compute_logs:
  module: dagster.core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def instance_folder(home: Home) -> Path:
    """The folder that `DAGSTER_HOME` names, with its dagster.yaml. One run at a time: the warehouse has one writer."""
    folder = home.work / "dagster"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "dagster.yaml", _UI)
    _write(folder / "command.yaml", _COMMAND.format(runs=json.dumps(str(folder / "history" / "runs"))))
    return folder


def command_instance(home: Home) -> "DagsterInstance":
    """The instance for a run in this process."""
    from dagster import DagsterInstance

    folder = instance_folder(home)
    # Dagster takes the settings' path for a pattern, and where it finds none, its own defaults: telemetry on.
    return DagsterInstance.from_config(str(folder), glob.escape(str(folder / "command.yaml")))


def refuse_path(home: Home, *, is_served: bool = False) -> None:
    """Raise ConfigurationError for a home whose path Dagster would take for another one. is_served: by the UI, which looks for its settings by itself."""
    path = str(home.root)
    if "?" in path or unquote(path) != path:
        what = "the path of the home holds ? or a code like %20: Dagster would take it for a URL, and keep its history elsewhere"
    elif is_served and glob.escape(path) != path:
        what = "the path of the home holds * or [: Dagster's UI would take it for a pattern, and lose the settings that keep its telemetry off"
    else:
        return
    raise ConfigurationError(what, where=path, do="rename the folder")


def end_killed_runs(instance: "DagsterInstance") -> None:
    """For the holder of the home's lock: a command that was killed left its run as started, and the UI's queue would wait for it for ever."""
    from dagster import DagsterRunStatus, RunsFilter

    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED])):
        if is_of_command(run):
            instance.report_run_failed(run, "It ended without a word: it was killed, or the machine stopped.")


def is_of_command(run: "DagsterRun") -> bool:
    """True of a run that `repledger nightly` began: it belongs to no code location."""
    return run.remote_job_origin is None


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
