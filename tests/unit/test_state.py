"""What the gate may pass over: only deliveries that it passed on before, under the same rules."""

import dataclasses

import pytest

from orchestration.settings import Home
from orchestration.warehouse import state

PASSED = state.WarehouseState("f1", "2024-01-31", "code", "settings", {"crm/account/a.csv": "aa", "crm/account/b.csv": "bb"}, has_passed=True)
GROWN = dataclasses.replace(PASSED, fingerprint="f2", files=dict(PASSED.files) | {"crm/account/c.csv": "cc"})


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.work.mkdir()
    return home


def test_only_what_came_since_the_last_publication_is_new(home):
    state.remember_published(home, PASSED)
    assert state.new_deliveries(home, GROWN, "f1") == ["crm/account/c.csv"]


@pytest.mark.parametrize(
    "built",
    [
        dataclasses.replace(GROWN, code="other"),
        dataclasses.replace(GROWN, settings="other"),
        dataclasses.replace(GROWN, files={"crm/account/a.csv": "aa", "crm/account/c.csv": "cc"}),
        dataclasses.replace(GROWN, files=dict(GROWN.files) | {"crm/account/b.csv": "other"}),
    ],
    ids=["other code", "other settings", "a delivery is gone", "a delivery has other bytes"],
)
def test_everything_is_looked_at_again_when_anything_else_changed(home, built):
    state.remember_published(home, PASSED)
    assert state.new_deliveries(home, built, "f1") is None


def test_everything_is_looked_at_when_readers_see_another_publication_or_none_is_remembered(home):
    assert state.new_deliveries(home, GROWN, "f1") is None
    state.remember_published(home, PASSED)
    assert state.new_deliveries(home, GROWN, "f0") is None
