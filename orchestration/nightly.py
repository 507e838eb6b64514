"""A night, from what was delivered to what is published: the order of the phases, and when to stop.

Belongs here: the flow that `repledger nightly` runs. Doesn't: the phases themselves (`phases`), Dagster's assets.
A night without news ends before Dagster, dbt or Great Expectations are imported.
"""

import contextlib
import datetime as dt
import gc
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration import fingerprint
from orchestration.crash import as_one_line
from orchestration.errors import ConfigurationError, DeliveryError, RepledgerError
from orchestration.landing.intake import FailedDelivery, Intake, unsaid, waiting
from orchestration.landing.ledger import read_ledger
from orchestration.landing.problems import counted
from orchestration.lock import is_locked, nightly_lock
from orchestration.phases import NIGHTLY, Run, counting_deliveries, raise_for_failed
from orchestration.publication import manifest as published
from orchestration.publication.leftovers import clear_leftovers
from orchestration.settings import Home
from orchestration.warehouse import state

PUBLISHED, NOTHING_NEW, FAILED, RUNNING = "published", "nothing new", "failed", "running"
_SHOWN_FILES = 3


@dataclass(frozen=True)
class Night:
    """How the last night went, or that it is `running`. reason: the one line it ended with, if it failed.

    ended_at: of one that runs, when it began. failed: deliveries that could not be taken.
    """

    outcome: str
    ended_at: str
    reason: str
    failed: tuple[FailedDelivery, ...] = ()


def run_nightly(run: Run) -> tuple[str, published.Publication]:
    """Take in, build, check, publish. Returns what happened and what readers see now; raises RepledgerError when they see the old."""
    home = run.home
    with nightly_lock(home):
        earlier = last_night(home)
        try:
            _remember(home, RUNNING, "", earlier.failed if earlier else ())
            outcome, publication = _night(run)
        # Whatever ends a night is remembered, or `status` would go on telling of the one before.
        except BaseException as error:
            with contextlib.suppress(OSError):
                _remember(home, FAILED, as_one_line(error, home).line, _failed(run))
            raise
        _remember(home, outcome, "", _failed(run))
        return outcome, publication


def run_as_known_on(run: Run) -> tuple[str, published.Publication]:
    """Build and publish aside what extracts dated up to `run.home.as_known_on` say, under today's rules. Takes nothing in.

    Raises ConfigurationError for a day that is still to come, or before the first extract.
    """
    home = run.home
    with nightly_lock(home):
        day, whole = home.as_known_on or run.today, Home(home.root)
        run.waiting = waiting(whole, run.company, run.today, day)
        _refuse_day(run, whole, day)
        run.intake = Intake((), unsaid(home, run.company), 0)
        raise_for_failed(run.intake.failed)
        clear_leftovers(home)
        found = _make_if_new(run)
        # Ten of them would be ten warehouses; whether there is anything new is asked of the publication alone.
        shutil.rmtree(home.work, ignore_errors=True)
        return found


def left_out(run: Run) -> str:
    """What a look back says of files that lie in the landing and that raw does not have; empty if there are none."""
    are = "is" if run.waiting == 1 else "are"
    return f"{counted(run.waiting, 'file')} in the landing {are} not loaded yet; run `repledger nightly` first to count them" if run.waiting else ""


def notes(run: Run) -> list[str]:
    """What a person should look at after a night that was published: lines that were left out, and what the gate noted."""
    rejecting = [delivery for delivery in (run.intake.loaded if run.intake else ()) if delivery.rejected]
    told = []
    if rejecting:
        files = ", ".join(f"{delivery.file} ({delivery.rejected})" for delivery in rejecting[:_SHOWN_FILES])
        more = f" and {len(rejecting) - _SHOWN_FILES} more files" if len(rejecting) > _SHOWN_FILES else ""
        told.append(f"{counted(sum(one.rejected for one in rejecting), 'line')} rejected: {files}{more}; `repledger status` says why")
    if run.report and run.report.notes:
        told.append(f"{counted(len(run.report.notes), 'note')} of the gate: {run.home.notes / 'notes.txt'}")
    if moved := _moved_of_closed_months(run):
        causes = ", ".join(f"{cause} {count}" for cause, count in moved.items())
        told.append(f"{counted(sum(moved.values()), 'change')} of figures of closed months: {causes}; `restatement` says which (closed_change_amount)")
    return told


def _moved_of_closed_months(run: Run) -> dict[str, int]:
    """By cause, what the night's publication restates of months that were closed: no late line alone moves them, a rate or a merge does so too."""
    import duckdb

    path = run.home.published / published.DATABASE
    if run.publication is None or not path.is_file():
        return {}
    # As the book stands now moves each night by itself, and is no news.
    of_then = "regexp_extract(row_key, 'lens=(\\w+)', 1) in ('', 'as_sold')"
    asked = f"select cause, count(*) from restatement where closed_change_amount <> 0 and {of_then} group by cause order by cause"
    with duckdb.connect(str(path), read_only=True) as connection:
        return dict(connection.execute(asked).fetchall())


def last_night(home: Home) -> Night | None:
    """How the last night went; None before the first."""
    try:
        table = json.loads(_file(home).read_text())
        night = Night(table["outcome"], table["ended_at"], table["reason"], tuple(FailedDelivery(**one) for one in table["failed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if night.outcome == RUNNING and not is_locked(home):
        return replace(night, outcome=FAILED, reason="ended without a word: it was killed, or the machine stopped → run `repledger nightly` again")
    return night


def _refuse_day(run: Run, whole: Home, day: dt.date) -> None:
    """Raise for a day of which nothing can be told."""
    if day > run.today:
        raise ConfigurationError(f"{day} is still to come: nobody knows it yet", where="--as-known-on", do=f"ask for {run.today} or an earlier day")
    first = min((one.extract_date for one in counting_deliveries(whole, run.company)), default=None)
    if first is None:
        do = "run `repledger nightly` first" if run.waiting else "put files at <source>/<entity>/<extract date>/<file>, and run `repledger nightly` first"
        raise DeliveryError("nothing was ever loaded", where=str(whole.landing), do=do)
    if day < first:
        raise ConfigurationError(f"nothing was known on {day}: the first extract is of {first}", where=str(whole.raw), do=f"ask for {first} or a later day")


def _night(run: Run) -> tuple[str, published.Publication]:
    clear_leftovers(run.home)
    run.intake = run.take_in()
    raise_for_failed(run.intake.failed)
    return _make_if_new(run)


def _make_if_new(run: Run) -> tuple[str, published.Publication]:
    shown = published.current(run.home)
    if run.is_anew:
        state.forget(run.home)
    elif shown and shown[0].fingerprint == fingerprint.of_night(run.home, run.company, read_ledger(run.home)):
        return NOTHING_NEW, shown[0]
    return PUBLISHED, _make(run)


def _make(run: Run) -> published.Publication:
    """Everything from the build on, as one Dagster run in this process."""
    run.progress.phase("building: reading the models")
    as_of = run.next_state().as_of
    run.parse()
    from orchestration.assets.instance import command_instance, end_killed_runs
    from orchestration.definitions import build_definitions

    job = build_definitions(run).resolve_job_def(NIGHTLY)
    with _garbage_left_lying(), command_instance(run.home) as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        end_killed_runs(instance)
        run.run_id = str(uuid.uuid4())
        job.execute_in_process(run_config=quiet, instance=instance, partition_key=as_of, run_id=run.run_id)
    if run.publication is None:
        raise RepledgerError("the run ended without a publication", where=NIGHTLY, do="look at it in the UI (`make dev`)")
    return run.publication


@contextlib.contextmanager
def _garbage_left_lying() -> Iterator[None]:
    """Few of the millions of objects of dbt, Dagster and Great Expectations form rings: looking for those every 700 took a twentieth of a night."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _failed(run: Run) -> tuple[FailedDelivery, ...]:
    return tuple(run.intake.failed) if run.intake else ()


def _remember(home: Home, outcome: str, reason: str, failed: tuple[FailedDelivery, ...]) -> None:
    night = Night(outcome, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), reason, failed)
    beside = _file(home).with_suffix(".new")
    beside.write_text(json.dumps(asdict(night), default=str, indent=1))
    beside.replace(_file(home))


def _file(home: Home) -> Path:
    return home.work / "last_night.json"
