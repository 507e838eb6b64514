"""What `dagster job execute -m tests.bench.stock.definitions -j nightly` runs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

DBT = Path(sys.executable).with_name("dbt")
# Dagster imports a code location before it knows a run, so where things are comes from the environment, as in DbtCliResource's examples.
TARGET = Path(os.environ["STOCK_TARGET"])
MANIFEST = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))
MODELS = {unique_id: node for unique_id, node in MANIFEST["nodes"].items() if node["resource_type"] == "model"}


def _spec(node: dict) -> dg.AssetSpec:
    deps = [MODELS[one]["name"] for one in node["depends_on"]["nodes"] if one in MODELS]
    return dg.AssetSpec(node["name"], deps=deps, description=node["description"], group_name=node["fqn"][1], kinds={"dbt", "duckdb"}, skippable=True)


@dg.multi_asset(specs=[_spec(node) for node in MODELS.values()], name="dbt_models")
def dbt_models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """`dbt build` of the project, or of what STOCK_SELECT names."""
    select = ["--select", os.environ["STOCK_SELECT"]] if os.environ.get("STOCK_SELECT") else []
    command = [DBT, "build", *json.loads(os.environ["STOCK_DBT_OPTIONS"]), *select, "--exclude-resource-type", "unit_test"]
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            context.log.info(line.rstrip())
    if process.returncode:
        raise dg.Failure(f"dbt build ended with {process.returncode}")
    for result in json.loads((TARGET / "run_results.json").read_text(encoding="utf-8"))["results"]:
        if result["unique_id"] in MODELS:
            yield dg.MaterializeResult(asset_key=MODELS[result["unique_id"]]["name"], metadata={"seconds": result["execution_time"]})


definitions = dg.Definitions(assets=[dbt_models], jobs=[dg.define_asset_job("nightly")])
