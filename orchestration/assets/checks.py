"""The gate: every suite is a check on the asset it looks at, all run in one session between the build and the publication.

Belongs here: which suite stands by which asset, and the op that runs them. Doesn't: what a suite holds (`expectations`).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from expectations.catalogue import SuiteSpec, suite_names
from expectations.report import CheckResult
from orchestration.assets.resources import LOCK
from orchestration.landing.declarations import Declared, declared_entities
from orchestration.phases import Run, raise_for_gate
from orchestration.warehouse.models import LEDGER_SOURCE, Models


def gate_checks(run: Run, models: Models) -> dg.AssetChecksDefinition:
    """One op for all suites: importing Great Expectations costs seconds, so it is paid once."""
    placed = place_suites(models, declared_entities(run.company))

    @dg.multi_asset_check(name="gate", specs=[_spec(suite, asset) for suite, asset in placed], can_subset=True, required_resource_keys={LOCK})
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        is_whole = len(selected) == len({suite.name for suite, _ in placed})
        report = run.check(() if is_whole else sorted(selected))
        for suite, asset in placed:
            results = [result for result in report.results if result.suite == suite.name]
            if results and dg.AssetCheckKey(dg.AssetKey(asset), suite.name) in context.selected_asset_check_keys:
                yield _result(suite, asset, results)
        raise_for_gate(report)

    return gate


def place_suites(models: Models, entities: Sequence[Declared]) -> list[tuple[SuiteSpec, str]]:
    """Each suite with the asset it looks at. A suite on an entity that nobody declared has no asset and does not run."""
    by_name = {model.name: model for model in models.models}
    ledger = next((model.name for model in models.models if any(source == LEDGER_SOURCE for source, _ in model.sources)), None)
    placed = []
    for suite in suite_names():
        name = suite.table.split(".")[-1]
        if suite.entity:
            delivering = (entity.asset_name for entity in entities if (entity.entity.connector, entity.entity.name) == (suite.connector, suite.entity))
            placed += [(suite, asset) for asset in delivering]
        elif name in by_name or ledger:
            placed.append((suite, name if name in by_name else str(ledger)))
    return placed


def _spec(suite: SuiteSpec, asset: str) -> dg.AssetCheckSpec:
    """Blocking where publication reads the table. A raw suite can't be: dbt runs before the gate, on a warehouse that nobody sees."""
    return dg.AssetCheckSpec(suite.name, asset=asset, description=f"Great Expectations suite on {suite.table}.", blocking=suite.layer != "raw")


def _result(suite: SuiteSpec, asset: str, results: Sequence[CheckResult]) -> dg.AssetCheckResult:
    failed = [result for result in results if not result.success]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=suite.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if any(result.blocks for result in results) else dg.AssetCheckSeverity.WARN,
        metadata={"checks": len(results), "failed": "\n".join(result.line for result in failed)},
    )
