"""What the stock pipeline finds when a night begins: raw as dbt's sources, a parsed project, Dagster's home. Not measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from orchestration.landing.views import create_raw_schema
from orchestration.phases import counting_deliveries
from orchestration.settings import DBT_DIR, Home, read_company
from orchestration.warehouse.build import variables

COMMAND = (Path(sys.executable).with_name("dagster"), "job", "execute", "-m", "tests.bench.stock.definitions", "-j", "nightly")


def prepare(home: Home, folder: Path) -> dict[str, str]:
    """Make `folder`, and return the environment in which `COMMAND` runs there."""
    company = read_company(home)
    (folder / "dagster").mkdir(parents=True)
    (folder / "dagster/dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    warehouse, target = folder / "warehouse.duckdb", folder / "target"
    with duckdb.connect(str(warehouse)) as connection:
        create_raw_schema(connection, home, company)
    as_of = str(max(one.extract_date for one in counting_deliveries(home, company)))
    options = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", target, "--log-path", folder / "logs"]
    options = [str(one) for one in [*options, "--vars", json.dumps(variables(company, as_of)), "--no-version-check"]]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 6 // 10
    environment = os.environ | {
        "DAGSTER_HOME": str(folder / "dagster"),
        "DO_NOT_TRACK": "1",
        "REPLEDGER_WAREHOUSE": str(warehouse),
        "REPLEDGER_MEMORY_LIMIT": f"{memory // 2**20}MB",
        "STOCK_TARGET": str(target),
        "STOCK_DBT_OPTIONS": json.dumps(options),
    }
    subprocess.run([Path(sys.executable).with_name("dbt"), "parse", *options], env=environment, check=True, stdout=subprocess.DEVNULL)
    return environment
