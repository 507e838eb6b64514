"""When the nightly runs by itself, and on what: the clock and the landing say.

Belongs here: the schedule, the first partition, whether anything is new. Doesn't: loading, looking between nights (`arrival`).
"""

import contextlib
import datetime as dt

import dagster as dg

from orchestration import fingerprint
from orchestration.errors import ConfigurationError, DeliveryError
from orchestration.landing.intake import has_news
from orchestration.landing.landed import Landing
from orchestration.landing.ledger import read_ledger
from orchestration.phases import NIGHTLY, Run
from orchestration.publication import manifest as published
from orchestration.settings import read_company, time_zone

_NO_EXTRACT_YET = "2000-01-01"


def nightly_schedule(run: Run) -> dg.ScheduleDefinition:
    """02:00 where the company is. A night on which nothing came makes no run."""

    @dg.schedule(
        name="nightly_at_two",
        cron_schedule="0 2 * * *",
        job_name=NIGHTLY,
        execution_timezone=run.company.time_zone,
        description="Every night, if anything is new.",
    )
    def evaluate(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        today = context.scheduled_execution_time.astimezone(time_zone(run.company)).date()
        dates = extract_dates(run, today)
        if not dates:
            return dg.SkipReason("nothing was delivered yet")
        if not is_anything_new(run, today):
            return dg.SkipReason("nothing new since the last publication")
        return dg.RunRequest(partition_key=str(dates[-1]))

    return evaluate


def extract_dates(run: Run, until: dt.date = dt.date.max) -> list[dt.date]:
    """Every extract date that is in the landing or was loaded before, in order."""
    dates = {delivery.extract_date for delivery in read_ledger(run.home)}
    landing = Landing(run.home, run.company, until)
    for landed in landing.files():
        with contextlib.suppress(DeliveryError):
            dates.add(landing.place(landed).extract_date)
    return sorted(date for date in dates if date <= until)


def first_extract_date(run: Run) -> str:
    """Where the daily partitions begin."""
    return str(next(iter(extract_dates(run)), _NO_EXTRACT_YET))


def is_anything_new(run: Run, today: dt.date) -> bool:
    """True when the landing, the settings or the code changed since the last publication. run.company: as it was when the UI was started."""
    try:
        company = read_company(run.home)
    except ConfigurationError:
        return True  # the run that this starts says what is wrong
    shown = published.current(run.home)
    if shown is None or shown[0].fingerprint != fingerprint.of_night(run.home, company, read_ledger(run.home)):
        return True
    return has_news(run.home, run.company, today)
