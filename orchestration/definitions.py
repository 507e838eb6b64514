"""Everything Dagster sees, wired once: assets, checks, the nightly job, its schedule and sensors, for one company's home.

Belongs here: wiring. Doesn't: what an asset is or does (`assets`). Nothing is read at import: `defs` reads the home when Dagster
loads it, so the UI shows the company whose home `REPLEDGER_HOME` names.
"""

import dagster as dg

from orchestration.assets.alerting import failure_alert
from orchestration.assets.arrival import delivery_sensor
from orchestration.assets.checks import gate_checks
from orchestration.assets.publication import publication_asset
from orchestration.assets.raw import raw_assets
from orchestration.assets.resources import LOCK, lock_resource
from orchestration.assets.schedule import first_extract_date, nightly_schedule
from orchestration.assets.warehouse import warehouse_assets
from orchestration.phases import NIGHTLY, Run
from orchestration.settings import home_from_environment, read_company
from orchestration.warehouse.build import parse_if_stale
from orchestration.warehouse.models import read_models


@dg.definitions
def defs() -> dg.Definitions:
    """What workspace.yaml leads to."""
    home = home_from_environment()
    return build_definitions(Run(home, read_company(home)))


def build_definitions(run: Run) -> dg.Definitions:
    """The definitions of one home. The ops share the run, so that the command can hand over what it has done already."""
    models = read_models(parse_if_stale(run.home, run.company))
    partitions = dg.DailyPartitionsDefinition(start_date=first_extract_date(run), timezone=run.company.time_zone, end_offset=1)
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Take in what is new, build, check, publish.",
        executor_def=dg.in_process_executor,
    )
    return dg.Definitions(
        assets=[raw_assets(run, partitions), warehouse_assets(run, models), publication_asset(run, models)],
        asset_checks=[gate_checks(run, models)],
        jobs=[nightly],
        schedules=[nightly_schedule(run)],
        sensors=[delivery_sensor(run), failure_alert(run)],
        resources={LOCK: lock_resource(run.home)},
        executor=dg.in_process_executor,
    )
