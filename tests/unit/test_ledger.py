"""The ledger of deliveries: read once by the one who holds the lock, and clear about what is damaged."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import RepledgerError
from orchestration.landing import ledger
from orchestration.landing.intake import take_in
from orchestration.landing.views import create_raw_schema, raise_for_damage
from orchestration.lock import nightly_lock
from orchestration.settings import Company, Home, Source

TODAY = dt.date(2026, 1, 31)
COMPANY = Company(
    name="Example",
    reporting_currency="USD",
    fiscal_year_start_month=1,
    time_zone="UTC",
    credit_policy="acquirer",
    constant_currency_on=TODAY,
    connectors=("standard",),
    sources={"crm": Source("crm", "standard", {"campaign": "snapshot"}, {"campaign": ("campaign_id", "campaign_name")})},
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two deliveries."""
    home = Home(tmp_path)
    for day in (1, 2):
        deliver(home, f"2026-01-0{day}")
    return home


def deliver(home: Home, date: str) -> None:
    path = home.landing / "crm/campaign" / date / "a.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"campaign_id,campaign_name\n1,{date}\n")
    take_in(home, COMPANY, TODAY)


def test_under_the_lock_an_entry_is_read_once_and_what_is_taken_in_is_known(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    content = ledger._content
    monkeypatch.setattr(ledger, "_content", lambda *of: read.append(of) or content(*of))
    with nightly_lock(home):
        deliver(home, "2026-01-03")
        dates = [[str(one.extract_date) for one in ledger.read_ledger(home)] for _ in range(3)]
        with nightly_lock(home):
            assert len(ledger.read_contents(home)) == 3
    assert dates == [["2026-01-01", "2026-01-02", "2026-01-03"]] * 3
    assert len(read) == 2
    (home.raw / "crm/campaign/extract_date=2026-01-01").rename(home.root / "away")
    assert len(ledger.read_ledger(home)) == 2, "without the lock another process may have written"


def test_what_is_read_under_the_lock_is_what_stands_there(home: Home) -> None:
    with nightly_lock(home):
        ledger.read_ledger(home)
        deliver(home, "2026-01-03")
        remembered = ledger.read_ledger(home)
    assert remembered == ledger.read_ledger(home)


@pytest.mark.parametrize("ending", ["json", "parquet"])
@pytest.mark.parametrize("is_landed", [True, False])
def test_a_damaged_file_of_raw_is_named_with_what_to_do(home: Home, ending: str, is_landed: bool) -> None:
    (damaged,) = (home.raw / "crm/campaign/extract_date=2026-01-02").glob(f"*.{ending}")
    damaged.write_bytes(damaged.read_bytes()[:-20])
    if not is_landed:
        (home.landing / "crm/campaign/2026-01-02/a.csv").unlink()
    with duckdb.connect() as connection, pytest.raises(RepledgerError) as told:
        create_raw_schema(connection, home, COMPANY)
        # The view looked at the columns of the first file alone; a model that reads the second breaks, and then each is read.
        raise_for_damage(home, COMPANY)
    assert told.value.where == str(damaged)
    assert ("delete" if is_landed else "backup") in told.value.do


def test_after_doing_what_is_said_the_rows_are_there_again(home: Home) -> None:
    for path in (home.raw / "crm/campaign/extract_date=2026-01-01").iterdir():
        path.unlink()
    assert len(take_in(home, COMPANY, TODAY).loaded) == 1
    assert len(ledger.read_ledger(home)) == 2


def test_the_first_rows_being_damaged_is_found_when_the_views_are_made(home: Home) -> None:
    (damaged,) = (home.raw / "crm/campaign/extract_date=2026-01-01").glob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with duckdb.connect() as connection, pytest.raises(RepledgerError, match="damaged"):
        create_raw_schema(connection, home, COMPANY)
