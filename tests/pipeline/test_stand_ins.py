"""What dbt parses with in place of some variables shapes no model: another value of theirs makes the same graph."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from orchestration.settings import Home
from orchestration.warehouse import build
from tests.pipeline.test_dbt_unit import COMPANY

# Whatever may be switched on is, so that a variable is asked for in as many models as can be.
EVERYTHING = replace(
    COMPANY, fiscal_calendar="445", contract_measure="collected", bases=("nominal", "constant", "real"), cost_bases=("actual", "standard"), real_index="CPI"
)
OTHERS: dict[str, Any] = {
    "as_of_on": "2026-01-01",
    "as_known_on": "2025-06-01",
    "company_name": "O'Brien",
    "reporting_currency": "EUR",
    "fiscal_year_start_month": 7,
    "time_zone": "Europe/Berlin",
    "roles_without_credit": ["sdr"],
    "leave_types": ["parental"],
    "constant_currency_on": "2025-01-01",
    "budget_rates": {"EUR": "1.1"},
    "real_index": "CPI",
    "real_base_month_on": "2025-01-01",
    "full_time_hours_month": "150.5",
}


def graph(home: Home) -> dict[str, Any]:
    """Of every node what it reads and how it is kept; and what is left out."""
    manifest = build.parse(home, EVERYTHING)
    nodes = {name: (sorted(getattr(node.depends_on, "nodes", ())), node.config.to_dict()) for name, node in manifest.nodes.items()}
    return {**nodes, "disabled": sorted(manifest.disabled)}


def test_a_variable_that_dbt_is_not_told_when_it_parses_shapes_no_model(tmp_path: Path) -> None:
    assert all(OTHERS[name] != stand_in for name, stand_in in build.STAND_INS.items())
    with mock.patch.dict(build.STAND_INS, OTHERS):
        other = graph(Home(tmp_path / "other"))
    assert graph(Home(tmp_path / "home")) == other
