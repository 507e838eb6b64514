"""Between nights: a delivery that arrives starts the nightly.

Belongs here: the sensor and what it remembers. Doesn't: what is new (`landing`), the schedule. A look is short while nothing has
changed: names, sizes and times of what lies in the landing, and when the home's lock was taken last, after which alone raw can differ.
"""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, replace

import dagster as dg

from orchestration.assets.instance import is_of_command
from orchestration.assets.schedule import extract_dates, is_anything_new
from orchestration.landing.intake import delivered
from orchestration.landing.landed import Landing
from orchestration.lock import is_locked
from orchestration.phases import NIGHTLY, Run
from orchestration.settings import time_zone

_UNENDED = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dataclass(frozen=True)
class _Seen:
    """What the sensor remembers. at_a_glance: the home as it was when nothing was left to be asked for; asked: the news of its last run."""

    at_a_glance: str = ""
    asked: str = ""


def delivery_sensor(run: Run) -> dg.SensorDefinition:
    """Off at first, like the schedule. The same news starts one run, whatever came of it."""

    @dg.sensor(
        name="nightly_on_delivery",
        job_name=NIGHTLY,
        minimum_interval_seconds=60,
        description="Within a minute of a delivery, or of a change of company.toml that shapes or releases figures, unless a night is running or waiting.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        today = dt.datetime.now(time_zone(run.company)).date()
        seen = _Seen(**json.loads(context.cursor)) if context.cursor else _Seen()
        glance = _glance(run, today)
        if glance == seen.at_a_glance:
            return dg.SkipReason("nothing was delivered since the last look")
        busy = _busy(run, context.instance)
        if busy:
            return dg.SkipReason(f"{busy}; what is new waits until it has ended")
        found, seen = _weigh(run, today, replace(seen, at_a_glance=glance))
        context.update_cursor(json.dumps(asdict(seen)))
        return found

    return look


def _weigh(run: Run, today: dt.date, seen: _Seen) -> tuple[dg.RunRequest | dg.SkipReason, _Seen]:
    """Whether what lies there asks for a run, and what to remember of it."""
    dates = extract_dates(run, today)
    if not dates:
        return dg.SkipReason("nothing was delivered yet"), seen
    if not is_anything_new(run, today):
        return dg.SkipReason("nothing new since the last publication"), seen
    news = hashlib.sha256(f"{delivered(run.home, run.company, today)} {_settings(run)}".encode()).hexdigest()
    if news == seen.asked:
        why = "what is new has had its run and was not published: `repledger status` says why; a delivery or a change of company.toml starts the next"
        return dg.SkipReason(why), seen
    # Dagster starts one run of a key for ever, and the same news may come back: a file withdrawn and delivered again, a setting changed back.
    return dg.RunRequest(run_key=seen.at_a_glance, partition_key=str(dates[-1])), replace(seen, asked=news)


def _busy(run: Run, instance: dg.DagsterInstance) -> str:
    """Who is at work on the home, or about to be; empty if nobody is. Of the command's runs the lock speaks: one that was killed stands as started."""
    if is_locked(run.home):
        return "the home's lock is held"
    waiting = (one for one in instance.get_runs(dg.RunsFilter(job_name=NIGHTLY, statuses=_UNENDED)) if not is_of_command(one))
    return next((f"run {one.run_id} of the nightly is {one.status.value.lower().replace('_', ' ')}" for one in waiting), "")


def _glance(run: Run, today: dt.date) -> str:
    """A hash of all that can make news, without opening a file of raw."""
    lock = run.home.lock.stat().st_mtime_ns if run.home.lock.exists() else 0
    landed = [(one.file, one.size_bytes, one.mtime_ns) for one in Landing(run.home, run.company, today).files()]
    return hashlib.sha256(json.dumps([str(today), lock, _settings(run), landed]).encode()).hexdigest()


def _settings(run: Run) -> str:
    return hashlib.sha256(run.home.company_file.read_bytes()).hexdigest()
