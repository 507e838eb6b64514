"""The publication as an asset: what readers see, made from every published table once the gate has passed.

Belongs here: its spec and op. Doesn't: how it is written and flipped (`orchestration.publication`).
"""

import dagster as dg

from orchestration.assets.resources import LOCK
from orchestration.phases import Run
from orchestration.warehouse.models import Models


def publication_asset(run: Run, models: Models) -> dg.AssetsDefinition:
    """One asset; its upstream is every published table, and so the whole lineage."""

    @dg.asset(
        name="publication",
        deps=[model.name for model in models.published()],
        description="The finished night that readers see: a DuckDB file, one Parquet file a table, the page and the manifest, behind one link.",
        group_name="publication",
        owners=["team:data-engineering"],
        kinds={"duckdb", "parquet"},
        tags={"layer": "publication"},
        required_resource_keys={LOCK},
    )
    def publication() -> dg.MaterializeResult:
        made = run.publish(models)
        return dg.MaterializeResult(metadata={"id": made.id, "as_of": made.as_of, "sha256": made.sha256, "tables": len(made.tables)})

    return publication
