"""What was believed on a day, through the whole job: the same as if nothing had been delivered after it.

Three months of one small company, delivered out of order: what arrives late is known from its extract date on all the same.
"""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.small_company import deliver, new_company, nightly, repledger

PEOPLE = [{"crm_user_id": name, "user_name": name.title(), "employee_number": name, "rep_role": "hunter", "team_id": "north"} for name in ("ann", "bea")]
HELD = "2025-02-01"


def line(order_line_id: str, day: str, amount: str, **more: str) -> dict[str, str]:
    return {"order_line_id": order_line_id, "order_id": order_line_id, "account_id": "a", "crm_user_id": "ann", "currency": "USD"} | {
        "ordered_on": day,
        "booked_amount": amount,
        **more,
    }


def deliver_until(home: Path, last: str) -> None:
    for day in ("2025-03-01", "2025-01-01", "2025-02-01"):
        if day <= last:
            owner = "bea" if day == "2025-03-01" else "ann"
            deliver(home, "crm_user", day, PEOPLE[: 1 if day == "2025-01-01" else 2])
            deliver(home, "account", day, [{"account_id": "a", "owner_crm_user_id": owner, "region": "North"}])
            deliver(home, "employee", day, [{"employee_number": "ann", "hired_on": "2024-01-01"}])
    if last >= "2025-03-01":
        deliver(
            home, "order_line", "2025-03-01", [line("1", "2025-01-10", "90"), line("2", "2025-01-11", "5", is_deleted="true"), line("4", "2025-02-20", "7")]
        )
    deliver(home, "order_line", "2025-02-01", [line("1", "2025-01-10", "100"), line("2", "2025-01-11", "5"), line("3", "2025-01-12", "40")])
    deliver(home, "pay_item", "2025-02-01", [{"employee_number": "ann", "period_start_on": "2025-01-01", "item_code": "b", "component": "base"} | PAY])


PAY = {"pay_amount": "10", "currency": "USD"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = new_company(tmp_path_factory.mktemp("whole"))
    deliver_until(home, "2025-03-01")
    nightly(home)
    return Home(home)


def test_it_equals_a_company_to_which_nothing_was_delivered_later(home: Home, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in home.published.rglob("*") if path.is_file()}
    done = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert done.returncode == 0, done.stderr
    assert "as of 2025-02-01, as known on 2025-02-15" in done.stdout
    young = new_company(tmp_path / "young")
    deliver_until(young, HELD)
    nightly(young)
    then, alone = manifest.current(home.as_known(dt.date(2025, 2, 15))), manifest.current(Home(young))
    assert then is not None and alone is not None
    assert then[0].tables == alone[0].tables
    assert {path: path.read_bytes() for path in before} == before, "readers of the night see the night"
    assert not home.as_known(dt.date(2025, 2, 15)).work.exists(), "the warehouse that it was made in is gone"
    again = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert again.returncode == 0 and "nothing new" in again.stdout
    told = repledger("compare", "2025-02-15", "current", home=home.root).stdout
    assert "fct_order_line: 1 only in A, 1 only in B, 1 changed" in told
    assert "changed: order_line_id=1 (booked_amount, revenue_amount)" in told
    assert "90" not in told, "a cell is never told"
    assert repledger("compare", "current", "current", home=home.root).stdout == "no published row differs\n"


def test_before_the_first_extract_nothing_was_known(home: Home) -> None:
    done = repledger("nightly", "--as-known-on", "2024-12-31", home=home.root)
    assert done.returncode == 2
    assert (
        done.stderr.strip().splitlines()[-1].endswith("nothing was known on 2024-12-31: the first extract is of 2025-01-01 → ask for 2025-01-01 or a later day")
    )
    assert not (home.published / "as_known_on/2024-12-31").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nightly", "--as-known-on", "31.3.2021"),
        ("nightly", "--as-known-on", "2999-01-01"),
        ("compare", "current", "2001-01-01"),
        ("compare", "current", "no-such"),
    ],
)
def test_what_can_not_be_meant_is_wrong_use(home: Home, arguments: tuple[str, ...]) -> None:
    done = repledger(*arguments, home=home.root)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
