"""dbt's own unit tests, one rule each, run on an empty warehouse with every connector on."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
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


def dbt(home: Home, *arguments: str, company: Company = COMPANY) -> subprocess.CompletedProcess[str]:
    folder = home.root / "dbt"
    environment = os.environ | {"REPLEDGER_WAREHOUSE": str(home.warehouse), "REPLEDGER_MEMORY_LIMIT": "2GB", "DO_NOT_TRACK": "1"}
    options = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", folder / "target", "--log-path", folder / "logs", "--no-version-check"]
    command = [DBT, *arguments, *options, "--vars", json.dumps(variables(company, "2026-01-01"))]
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


def test_an_amount_of_a_month_that_a_years_end_cuts_is_its_parts(empty_warehouse: Home, tmp_path: Path) -> None:
    """Years end on 29 September. By days, the parts add up to the last decimal; a span that lies in one part, or in a month that is whole, stays."""
    home = Home(tmp_path)
    shutil.copytree(empty_warehouse.root, home.root, dirs_exist_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("""
            insert into core.core_fiscal_calendar_history by name
            select '445' as calendar_code, years.*, 1 as fiscal_period, date '9999-12-31' as valid_to_on, date '9999-12-31' as known_to_on
            from (values (2024, date '2023-10-01', date '2024-09-29'), (2025, date '2024-09-29', date '2025-10-01')) as years(fiscal_year, starts_on, ends_on)
        """)
        connection.execute("""
            create or replace table core.core_month as
            select * from (values
                (date '2024-08-01', date '2024-09-01', false), (date '2024-09-01', date '2024-09-29', true), (date '2024-09-29', date '2024-10-01', true)
            ) as months(month_on, next_month_on, is_cut)
        """)
    whole = """
        select name, cast('2024-09-01' as date) as month_on, cast(from_on as date) as from_on, cast(to_on as date) as to_on,
            cast(cost as decimal(18, 4)) as cost_amount
        from (values ('all', '2024-09-01', '2024-10-01', '100.0001'), ('back', '2024-09-01', '2024-10-01', '-100.0001'),
            ('start', '2024-09-01', '2024-09-29', '7'), ('end', '2024-09-30', '2024-10-01', '7'), ('two', '2024-09-28', '2024-09-30', '0.0001'))
            as rows(name, from_on, to_on, cost)
    """
    whole += "union all select 'whole', cast('2024-08-01' as date), cast('2024-08-01' as date), cast('2024-09-01' as date), cast(7 as decimal(18, 4))"
    inline = f"with whole_rows as ({whole}), divided as ({{{{ divided_by_parts('whole_rows', ['cost_amount']) }}}}) select * from divided"
    shown = dbt(home, "show", "--inline", inline, "--output", "json", "--limit", "-1", "--quiet", company=replace(COMPANY, fiscal_calendar="445"))
    assert shown.returncode == 0, shown.stdout[-4000:]
    rows = json.loads(shown.stdout[shown.stdout.index("{") :])["show"]
    assert sorted((row["name"], row["month_on"][:10], round(row["cost_amount"], 4)) for row in rows) == [
        ("all", "2024-09-01", 93.3334), ("all", "2024-09-29", 6.6667), ("back", "2024-09-01", -93.3334), ("back", "2024-09-29", -6.6667),
        ("end", "2024-09-29", 7), ("start", "2024-09-01", 7), ("two", "2024-09-01", 0.0001), ("two", "2024-09-29", 0), ("whole", "2024-08-01", 7),
    ]  # fmt: skip


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
