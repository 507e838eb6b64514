"""A night, from what was delivered to what is published: the order of the phases, and when to stop.

Belongs here: the flow that `repledger nightly` runs. Doesn't: the phases themselves (`phases`), Dagster's assets.
A night without news ends before Dagster, dbt or Great Expectations are imported.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration import fingerprint
from orchestration.errors import RepledgerError
from orchestration.landing.intake import FailedDelivery
from orchestration.landing.ledger import read_ledger
from orchestration.lock import nightly_lock
from orchestration.phases import NIGHTLY, Run, raise_for_failed
from orchestration.publication import manifest as published
from orchestration.settings import Home

PUBLISHED, NOTHING_NEW, FAILED = "published", "nothing new", "failed"


@dataclass(frozen=True)
class Night:
    """How the last night went. reason: the one line it ended with, if it failed; failed: deliveries that could not be taken."""

    outcome: str
    ended_at: str
    reason: str
    failed: tuple[FailedDelivery, ...] = ()


def run_nightly(run: Run) -> tuple[str, published.Publication]:
    """Take in, build, check, publish. Returns what happened and what readers see now; raises RepledgerError when they see the old."""
    home = run.home
    with nightly_lock(home):
        try:
            outcome, publication = _night(run)
        except RepledgerError as error:
            _remember(run, FAILED, error.line)
            raise
        _remember(run, outcome, "")
        return outcome, publication


def last_night(home: Home) -> Night | None:
    """How the last night went; None before the first."""
    try:
        table = json.loads(_file(home).read_text())
        return Night(table["outcome"], table["ended_at"], table["reason"], tuple(FailedDelivery(**one) for one in table["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _night(run: Run) -> tuple[str, published.Publication]:
    run.intake = run.take_in()
    raise_for_failed(run.intake.failed)
    shown = published.current(run.home)
    if shown and shown[0].fingerprint == fingerprint.of_night(run.home, read_ledger(run.home)):
        return NOTHING_NEW, shown[0]
    return PUBLISHED, _make(run)


def _make(run: Run) -> published.Publication:
    """Everything from the build on, as one Dagster run in this process."""
    run.progress.phase("building: reading the models")
    as_of = run.next_state().as_of
    run.parse()
    from orchestration.assets.instance import command_instance
    from orchestration.definitions import build_definitions

    job = build_definitions(run).resolve_job_def(NIGHTLY)
    with command_instance(run.home) as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        job.execute_in_process(run_config=quiet, instance=instance, partition_key=as_of)
    if run.publication is None:
        raise RepledgerError("the run ended without a publication", where=NIGHTLY, do="look at it in the UI (`make dev`)")
    return run.publication


def _remember(run: Run, outcome: str, reason: str) -> None:
    failed = tuple(run.intake.failed) if run.intake else ()
    night = Night(outcome, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), reason, failed)
    _file(run.home).write_text(json.dumps(asdict(night), default=str, indent=1))


def _file(home: Home) -> Path:
    return home.work / "last_night.json"
