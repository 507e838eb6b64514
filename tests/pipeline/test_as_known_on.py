"""What was believed on a day, through the whole job: the same as if nothing had been delivered after it."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.intake import take_in
from orchestration.publication import manifest
from orchestration.settings import Home, read_company
from tests.pipeline.interrupted_night import copy_of, two_nights
from tests.pipeline.small_company import deliver, repledger


@pytest.fixture(scope="module")
def home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What the first night saw is known since 2025-02-01, what the second added, order lines of all years among it, since 2025-03-01."""
    _, both = two_nights(shared, "adds")
    return Home(copy_of(both, tmp_path_factory.mktemp("as_known_on") / "home"))


@pytest.fixture(scope="module")
def looked_back(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """That home after a look back at 2025-02-15."""
    looked = Home(copy_of(home.root, tmp_path_factory.mktemp("looked_back") / "home"))
    done = repledger("nightly", "--as-known-on", "2025-02-15", home=looked.root)
    assert done.returncode == 0, done.stderr
    assert "as of 2025-02-01, as known on 2025-02-15" in done.stdout
    return looked


def test_it_equals_a_company_to_which_nothing_was_delivered_later(home: Home, looked_back: Home, shared: Path) -> None:
    before = {path.relative_to(home.root): path.read_bytes() for path in home.published.rglob("*") if path.is_file()}
    home = looked_back
    young, _ = two_nights(shared, "adds")
    then, alone = manifest.current(home.as_known(dt.date(2025, 2, 15))), manifest.current(Home(young))
    assert then is not None and alone is not None
    assert then[0].tables == alone[0].tables
    assert {path: (home.root / path).read_bytes() for path in before} == before, "readers of the night see the night"
    assert not home.as_known(dt.date(2025, 2, 15)).work.exists(), "the warehouse that it was made in is gone"
    again = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert again.returncode == 0 and "nothing new" in again.stdout
    told = repledger("compare", "2025-02-15", "current", home=home.root).stdout
    assert "fct_order_line: 1 only in A, 2 only in B, 1 changed" in told
    assert "changed: order_line_id=1 (booked_amount, revenue_amount)" in told
    assert "93.17" not in told, "a cell is never told"
    assert repledger("compare", "current", "current", home=home.root).stdout == "no published row differs\n"


def test_a_file_that_comes_after_a_look_back_is_in_the_next_one_however_far_it_moves_a_year(looked_back: Home, tmp_path: Path) -> None:
    """No drift: the earlier look-back at the day is not the night before."""
    home = Home(copy_of(looked_back.root, tmp_path / "home"))
    late = {"order_line_id": "late", "order_id": "late", "account_id": "a", "crm_user_id": "ann", "currency": "USD", "ordered_on": "2024-06-03"}
    deliver(home.root, "order_line", "2025-02-10", [late | {"booked_amount": "500"}])
    assert take_in(home, read_company(home), dt.date(2025, 3, 1)).failed == ()
    done = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(home.published / "as_known_on/2025-02-15/repledger.duckdb"), read_only=True) as connection:
        assert connection.execute("select revenue_amount from company_revenue where fiscal_year = 2024").fetchall() == [(514,)]


def test_before_the_first_extract_nothing_was_known(home: Home) -> None:
    done = repledger("nightly", "--as-known-on", "2024-12-31", home=home.root)
    assert done.returncode == 2
    assert (
        done.stderr.strip().splitlines()[-1].endswith("nothing was known on 2024-12-31: the first extract is of 2025-02-01 → ask for 2025-02-01 or a later day")
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
