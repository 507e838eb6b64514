"""What makes a night new: deliveries, settings, code; and what does not."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from orchestration import fingerprint
from orchestration.settings import Company, Home, Retention, Source

COMPANY = Company("A", "USD", 1, "UTC", "acquirer", dt.date(2024, 1, 1), ("standard",), {"crm": Source("crm", "standard", {"account": "snapshot"})})


@dataclass(frozen=True)
class _Delivery:
    file: str = "crm/account/2024-01-31/account.csv"
    sha256: str = "ab"
    extract_date: dt.date = dt.date(2024, 1, 31)
    state: str = "loaded"


@pytest.fixture
def project(tmp_path):
    project = tmp_path / "project"
    for name in ("orchestration/cli.py", "dbt_project/models/a.sql", "dbt_project/target/run.sql", "expectations/__pycache__/x.pyc", "tests/test_a.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("1")
    (project / "requirements.lock").write_text("1")
    return project


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.mark.parametrize("name", ["orchestration/cli.py", "orchestration/new.py", "dbt_project/models/a.sql", "requirements.lock"])
def test_a_changed_file_of_the_code_is_news(home, project, name):
    before = fingerprint.of_night(home, COMPANY, [_Delivery()], project)
    (project / name).write_text("2")
    assert fingerprint.of_night(home, COMPANY, [_Delivery()], project) != before


@pytest.mark.parametrize("name", ["dbt_project/target/run.sql", "expectations/__pycache__/x.pyc", "tests/test_a.py", "orchestration/.swp"])
def test_by_products_and_tests_are_no_news(home, project, name):
    before = fingerprint.of_night(home, COMPANY, [_Delivery()], project)
    (project / name).write_text("2")
    assert fingerprint.of_night(home, COMPANY, [_Delivery()], project) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "B"},
        {"reporting_currency": "EUR"},
        {"constant_currency_on": dt.date(2024, 1, 2)},
        {"bases": ("nominal", "real")},
        {"budget_rates": {"EUR": Decimal("1.1")}},
        {"sources": {"crm": Source("crm", "standard", {"account": "delta"})}},
    ],
)
def test_settings_that_shape_figures_or_the_page_are_news(home, project, changed):
    other = dataclasses.replace(COMPANY, **changed)
    assert fingerprint.of_settings(other) != fingerprint.of_settings(COMPANY)
    assert fingerprint.of_night(home, other, [_Delivery()], project) != fingerprint.of_night(home, COMPANY, [_Delivery()], project)


@pytest.mark.parametrize("changed", [{"drift_accepted_on": dt.date(2024, 1, 31)}, {"alert_command": ("alert",)}, {"retention": Retention(landing_days=9)}])
def test_settings_that_release_tell_or_keep_are_no_news(home, project, changed):
    other = dataclasses.replace(COMPANY, **changed)
    assert fingerprint.of_settings(other) == fingerprint.of_settings(COMPANY)
    assert fingerprint.of_night(home, other, [_Delivery()], project) == fingerprint.of_night(home, COMPANY, [_Delivery()], project)


@pytest.mark.parametrize("changed", [{"sha256": "cd"}, {"file": "other.csv"}, {"extract_date": dt.date(2024, 2, 1)}])
def test_another_delivery_is_news(home, project, changed):
    before = fingerprint.of_night(home, COMPANY, [_Delivery()], project)
    assert fingerprint.of_night(home, COMPANY, [dataclasses.replace(_Delivery(), **changed)], project) != before


def test_the_order_of_deliveries_is_no_news(home, project):
    one, two = _Delivery(), _Delivery(file="b")
    assert fingerprint.of_night(home, COMPANY, [one, two], project) == fingerprint.of_night(home, COMPANY, [two, one], project)
