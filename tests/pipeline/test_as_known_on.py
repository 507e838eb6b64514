"""What was believed on a day, through the whole job: the same as if nothing had been delivered after it."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.interrupted_night import copy_of, two_nights
from tests.pipeline.small_company import repledger


@pytest.fixture(scope="module")
def home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What the first night saw is known since 2025-02-01, what the second added, order lines of all years among it, since 2025-03-01."""
    _, both = two_nights(shared, "adds")
    return Home(copy_of(both, tmp_path_factory.mktemp("as_known_on") / "home"))


def test_it_equals_a_company_to_which_nothing_was_delivered_later(home: Home, shared: Path) -> None:
    before = {path: path.read_bytes() for path in home.published.rglob("*") if path.is_file()}
    done = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert done.returncode == 0, done.stderr
    assert "as of 2025-02-01, as known on 2025-02-15" in done.stdout
    young, _ = two_nights(shared, "adds")
    then, alone = manifest.current(home.as_known(dt.date(2025, 2, 15))), manifest.current(Home(young))
    assert then is not None and alone is not None
    assert then[0].tables == alone[0].tables
    assert {path: path.read_bytes() for path in before} == before, "readers of the night see the night"
    assert not home.as_known(dt.date(2025, 2, 15)).work.exists(), "the warehouse that it was made in is gone"
    again = repledger("nightly", "--as-known-on", "2025-02-15", home=home.root)
    assert again.returncode == 0 and "nothing new" in again.stdout
    told = repledger("compare", "2025-02-15", "current", home=home.root).stdout
    assert "fct_order_line: 1 only in A, 2 only in B, 1 changed" in told
    assert "changed: order_line_id=1 (booked_amount, revenue_amount)" in told
    assert "93.17" not in told, "a cell is never told"
    assert repledger("compare", "current", "current", home=home.root).stdout == "no published row differs\n"


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
