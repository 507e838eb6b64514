"""The dbt models as assets, with dbt's tests as checks on them.

Belongs here: specs from the manifest, the op that runs dbt. Doesn't: dbt's arguments (`warehouse.build`), rules of figures.
"""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from orchestration.assets.raw import DEFAULT_TEAM
from orchestration.assets.resources import LOCK
from orchestration.landing.declarations import Declared, declared_entities
from orchestration.phases import Run
from orchestration.warehouse.build import KEPT, BuildResult
from orchestration.warehouse.models import LEDGER_SOURCE, Model, ModelColumn, Models

LAYER_TEAMS = {"core": "team:analytics", "marts": "team:analytics", "answers": "team:analytics"}


def warehouse_assets(run: Run, models: Models) -> dg.AssetsDefinition:
    """One op for the whole warehouse: DuckDB has one writer, and starting dbt once is what makes a night short."""

    @dg.multi_asset(
        name="warehouse",
        specs=model_specs(models, declared_entities(run.company)),
        check_specs=test_specs(models),
        can_subset=True,
        required_resource_keys={LOCK},
    )
    def warehouse(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        names = {key.path[-1] for key in context.selected_asset_keys}
        is_whole = len(names) == len(models.models)
        results = run.build(models, () if is_whole else sorted(names))
        checks = {key.name for key in context.selected_asset_check_keys}
        yield from _materialized(results, run, models, names)
        yield from _checked(results, models, checks)
        run.raise_for_build(results)

    return warehouse


def model_specs(models: Models, entities: Sequence[Declared]) -> list[dg.AssetSpec]:
    """One spec a model; what dbt calls a source is the raw assets that feed it."""
    raw: dict[tuple[str, str], list[str]] = {}
    for entity in entities:
        raw.setdefault((entity.entity.connector, entity.entity.name), []).append(entity.asset_name)
    everything = sorted(entity.asset_name for entity in entities)
    return [_spec(model, raw, everything) for model in models.models]


def test_specs(models: Models) -> list[dg.AssetCheckSpec]:
    """One check a data test of dbt."""
    return [dg.AssetCheckSpec(_check_name(test.unique_id), asset=test.model, description=test.description or f"dbt test {test.name}") for test in models.tests]


def _spec(model: Model, raw: Mapping[tuple[str, str], list[str]], everything: Sequence[str]) -> dg.AssetSpec:
    deps = list(model.upstream)
    for source, table in model.sources:
        deps += everything if source == LEDGER_SOURCE else raw.get((source, table), [])
    columns = [_column(column, {}) for column in model.columns]
    return dg.AssetSpec(
        model.name,
        deps=sorted(set(deps)),
        description=model.description,
        group_name=model.layer,
        owners=[model.owner or LAYER_TEAMS.get(model.layer, DEFAULT_TEAM)],
        kinds={"dbt", "duckdb"},
        tags={"layer": model.layer} | dict.fromkeys(model.tags, ""),
        metadata={
            "dagster/table_name": f"{model.schema}.{model.name}",
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "key": ", ".join(model.key),
        },
    )


def _metadata(model: Model, rows: Mapping[str, int], types: Mapping[str, str]) -> dict[str, dg.TableSchema | int]:
    columns = dg.TableSchema(columns=[_column(column, types) for column in model.columns])
    return {"dagster/column_schema": columns} | ({"dagster/row_count": rows[model.name]} if model.name in rows else {})


def _column(column: ModelColumn, types: Mapping[str, str]) -> dg.TableColumn:
    """Without a contract the type is known only once the model is built: see `_metadata`."""
    return dg.TableColumn(column.name, type=types.get(column.name, column.type), description=column.description)


def _check_name(unique_id: str) -> str:
    """dbt's id ends in a hash where the name alone could stand twice."""
    return "_".join(unique_id.split(".")[2:])


def _materialized(results: Sequence[BuildResult], run: Run, models: Models, names: set[str]) -> Iterator[dg.MaterializeResult]:
    """In an order in which each model follows what it is made from, whatever dbt's threads did."""
    rows, types = run.row_counts(models), run.column_types()
    made = {result.name for result in results if result.kind in ("model", "seed") and result.status in ("success", KEPT)}
    for model in models.models:
        if model.name in made & names:
            yield dg.MaterializeResult(asset_key=model.name, metadata=_metadata(model, rows, types.get((model.schema, model.name), {})))


def _checked(results: Sequence[BuildResult], models: Models, checks: set[str]) -> Iterator[dg.AssetCheckResult]:
    by_id = {result.unique_id: result for result in results}
    for test in models.tests:
        result = by_id.get(test.unique_id)
        if result and _check_name(test.unique_id) in checks and result.status != "skipped":
            severity = dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR
            yield dg.AssetCheckResult(
                asset_key=test.model,
                check_name=_check_name(test.unique_id),
                passed=result.status == "pass",
                severity=severity,
                metadata={"failing_rows": result.failures, "message": result.message},
            )
