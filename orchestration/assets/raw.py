"""Raw entities as assets: one a declared entity, a daily partition by extract date.

Belongs here: their specs and the op that takes files in. Doesn't: how a file is read (`landing`).
"""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from orchestration.assets.resources import LOCK
from orchestration.landing.declarations import Column, Declared, declared_entities
from orchestration.landing.ledger import COUNTING, Delivery, read_ledger
from orchestration.phases import NIGHTLY, Run, raise_for_failed

TEAMS = {
    "crm": "team:sales-operations",
    "plans": "team:sales-operations",
    "payroll": "team:payroll",
    "expenses": "team:finance",
    "finance": "team:finance",
    "reference": "team:finance",
}
DEFAULT_TEAM = "team:data-engineering"


def raw_assets(run: Run, partitions: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """One op for all of them: the nightly reports one materialisation an entity; a backfill loads the dates of its partitions, in one run."""
    entities = declared_entities(run.company)

    @dg.multi_asset(
        name="raw",
        specs=[_spec(entity) for entity in entities],
        partitions_def=partitions,
        can_subset=True,
        required_resource_keys={LOCK},
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        names = {key.path[-1] for key in context.selected_asset_keys}
        selected = [entity for entity in entities if entity.asset_name in names]
        dates = [date.fromisoformat(key) for key in context.partition_keys]
        failed = (run.take_in() if context.run.job_name == NIGHTLY else run.take_in(names, dates)).failed
        ledger = read_ledger(run.home)
        for entity in selected:
            for on, counts in _counts(entity, ledger, dates).items():
                context.add_asset_metadata(counts, entity.asset_name, str(on))
            # Dagster makes one materialisation a partition of it.
            yield dg.MaterializeResult(asset_key=entity.asset_name)
        raise_for_failed(failed)

    return raw


def _spec(entity: Declared) -> dg.AssetSpec:
    return dg.AssetSpec(
        entity.asset_name,
        description=f"{entity.entity.description}\n\nDelivered by `{entity.source}` as a {entity.mode}, kept as the text that was delivered.",
        group_name=entity.entity.area,
        owners=[TEAMS.get(entity.entity.area, DEFAULT_TEAM)],
        kinds={"csv", "parquet"},
        tags={"layer": "raw", "connector": entity.entity.connector},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns=[_column(column) for column in entity.columns]),
            "key": ", ".join(entity.entity.key),
            "mode": entity.mode,
        },
    )


def _column(column: Column) -> dg.TableColumn:
    """Text, as everything in raw is; what it is cast to is said in words."""
    constraints = dg.TableColumnConstraints(nullable=not column.is_required)
    words = column.description if column.type == "varchar" else f"{column.description} Text as delivered, cast to {column.type} in staging.".lstrip()
    return dg.TableColumn(column.name, type="varchar", description=words, constraints=constraints, tags=dict.fromkeys(sorted(column.tags), ""))


def _counts(entity: Declared, ledger: Sequence[Delivery], dates: Sequence[date]) -> dict[date, dict[str, int]]:
    """What each partition holds: deliveries of its date that count, none that was superseded or withdrawn."""
    counts = {on: {"dagster/row_count": 0, "files": 0, "rejected": 0} for on in dates}
    for one in ledger:
        if (one.source, one.entity) == (entity.source, entity.entity.name) and one.extract_date in counts and one.state in COUNTING:
            counts[one.extract_date]["dagster/row_count"] += one.loaded
            counts[one.extract_date]["files"] += 1
            counts[one.extract_date]["rejected"] += one.rejected
    return counts
