"""dbt's own unit tests, one rule each, run on an empty warehouse with every connector on."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.declarations import connector_entities
from orchestration.landing.views import create_raw_schema
from orchestration.settings import CONNECTORS, DBT_DIR, Company, Home, Source
from orchestration.warehouse.build import variables

DBT = Path(sys.executable).with_name("dbt")
COMPANY = Company(
    name="Nobody's",
    reporting_currency="USD",
    fiscal_year_start_month=1,
    time_zone="UTC",
    credit_policy="acquirer",
    constant_currency_on=dt.date(2025, 1, 1),
    connectors=CONNECTORS,
    sources={name: Source(name, name, {entity.name: entity.mode for entity in connector_entities(name).values()}) for name in CONNECTORS},
)


def dbt(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    folder = home.root / "dbt"
    environment = os.environ | {"REPLEDGER_WAREHOUSE": str(home.warehouse), "REPLEDGER_MEMORY_LIMIT": "2GB", "DO_NOT_TRACK": "1"}
    options = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", folder / "target", "--log-path", folder / "logs", "--no-version-check"]
    command = [DBT, *arguments, *options, "--vars", json.dumps(variables(COMPANY, "2026-01-01"))]
    return subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Also the proof that a company that delivered nothing yet builds: every model, and every data test on no row."""
    home = Home(tmp_path_factory.mktemp("empty"))
    with duckdb.connect(str(home.warehouse)) as connection:
        create_raw_schema(connection, home, COMPANY)
    built = dbt(home, "build", "--exclude-resource-type", "unit_test")
    assert built.returncode == 0, built.stdout[-4000:]
    return home


def test_every_rule_of_the_models(empty_warehouse: Home) -> None:
    tested = dbt(empty_warehouse, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout[-6000:]
    assert " ERROR=0" in tested.stdout and "PASS=0" not in tested.stdout


def test_every_member_unknown_is_there_before_any_delivery(empty_warehouse: Home) -> None:
    """A join to a dimension never loses a row: the unknown member is always there."""
    keys = {
        "dim_rep": "crm_user_id",
        "dim_team": "team_id",
        "dim_manager": "manager_crm_user_id",
        "dim_territory": "territory_id",
        "dim_customer": "account_id",
        "dim_industry": "industry",
        "dim_acquisition_method": "acquisition_method",
    }
    with duckdb.connect(str(empty_warehouse.warehouse), read_only=True) as connection:
        for table, key in keys.items():
            assert connection.sql(f"select {key} from {table}").fetchall() == [("unknown",)], table
