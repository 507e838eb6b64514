"""`repledger compact` on whole nights: no figure moves, nothing is news, and a kill at any moment loses no row."""

import datetime as dt
import shutil
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.raw.delivery import suite_for
from expectations.vocabulary import QueryCheck
from orchestration.landing.declarations import declared_entities
from orchestration.landing.intake import take_in
from orchestration.landing.views import create_raw_schema
from orchestration.publication import manifest
from orchestration.settings import Home, read_company
from orchestration.warehouse.state import WarehouseState, read_state, remember
from tests.bench import compaction
from tests.pipeline.conftest import bytes_below
from tests.pipeline.interrupted import interrupted
from tests.pipeline.small_company import deliver, new_company, nightly, repledger

DAYS = [f"2025-02-{day:02}" for day in range(1, 11)]
# Before the chain is whole, before it counts, and while what it replaces goes: by the run that made it, then by the one that tidies up.
KILLS = [
    ("rename raw/crm/account/compacted-*-moves.parquet", 1),
    ("rename raw/crm/account/compacted.json", 1),
    ("remove raw/crm/account/extract_date=*", 3),
    ("remove raw/crm/account/extract_date=*", 2),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten snapshots in which an owner changes, an account comes and one goes, one lies twice in a file, and one file is late."""
    home = new_company(tmp_path_factory.mktemp("compact"))
    people = [{"crm_user_id": name, "user_name": name.title(), "rep_role": "hunter", "team_id": "north"} for name in ("ann", "bea")]
    deliver(home, "crm_user", DAYS[0], people)
    line = {"account_id": "a1", "crm_user_id": "ann", "currency": "USD", "ordered_on": "2025-01-10", "booked_amount": "100"}
    deliver(home, "order_line", DAYS[0], [{"order_line_id": "1", "order_id": "1", **line}])
    for number, day in enumerate(DAYS):
        accounts = [{"account_id": f"a{one}", "owner_crm_user_id": "bea" if one == number else "ann"} for one in range(number // 4, 12)]
        deliver(home, "account", day, [*accounts, *([accounts[3]] if number == 5 else [])])
    return home


def shown(root: Path) -> list[tuple[Any, ...]]:
    """What raw says of each extract."""
    home = Home(root)
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, read_company(home))
        return connection.execute("""
            select account_id, owner_crm_user_id, extract_date
            from raw.standard__account
            inner join (select extract_date from raw.delivery where entity = 'account' and state = 'loaded') on
                extract_date between _extract_date and _shown_until_on
            order by all
        """).fetchall()


def test_it_changes_no_published_byte_and_is_no_news(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "home"
    shutil.copytree(home, root)
    nightly(root)
    before, told, raw = manifest.current(Home(root)), shown(root), bytes_below(root / "raw")
    dry = repledger("compact", "--dry-run", home=root)
    assert dry.returncode == 0 and "would be saved" in dry.stdout
    assert bytes_below(root / "raw") == raw
    assert read_state(Home(root)) is not None
    done = repledger("compact", home=root)
    assert dry.stdout.replace("would be saved", "saved") == done.stdout, "a dry run tells the very bytes"
    assert read_state(Home(root)) is None, "the warehouse read the files that went"
    size = sum(path.stat().st_size for path in (root / "raw").rglob("*") if path.is_file())
    saved = int(done.stdout.splitlines()[-1].split()[0].replace(",", ""))
    assert sum(len(content) for _, content in raw.values() if content) - size == saved
    assert nightly(root).startswith("nothing new")
    with (root / "company.toml").open("a") as settings:
        settings.write("\n[retention]\nlanding_days = 0\nraw_days = 0\nmonth_ends = 1\n")
    assert repledger("prune", home=root).returncode == 0
    assert not list((root / "landing").rglob("*.csv"))
    assert shown(root) == told, "raw alone says what each day showed"
    shutil.rmtree(root / "published")
    nightly(root)
    again = manifest.current(Home(root))
    assert before is not None and again is not None and again[0].tables == before[0].tables
    assert nightly(root).startswith("nothing new")
    built = read_state(Home(root))
    assert repledger("compact", home=root).stdout == "nothing to compact\n"
    assert built is not None and read_state(Home(root)) == built, "what it did not touch is told on from"


def test_a_chain_takes_no_more_than_three_times_what_changed(tmp_path: Path) -> None:
    """Thirty nights of 500 accounts of which three change; the first snapshot is off both sides, or it would hide the rest."""
    home = Home(tmp_path)
    measured = compaction.measure(home, *compaction.deliver(home, 30, 500))
    assert measured.after - measured.first <= compaction.MOST * (measured.changes - measured.first)


def test_a_row_that_a_chain_lost_is_missed(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "home"
    shutil.copytree(home, root)
    assert take_in(Home(root), read_company(Home(root)), dt.date(2025, 12, 31)).failed == ()
    assert repledger("compact", home=root).returncode == 0
    assert lost_rows(root) == []
    assert lost_rows(root, "update raw.delivery set loaded = loaded + 1 where is_compacted and extract_date = date '2025-02-03'") == [
        f"crm/account/{DAYS[2]}/account.csv"
    ]


def lost_rows(root: Path, damage: str = "select 1") -> list[str]:
    """The files of which raw shows other rows than the ledger says."""
    home = Home(root)
    company = read_company(home)
    check = next(one for one in suite_for(declared_entities(company)).checks if one.name == "loaded_rows_in_view")
    assert isinstance(check, QueryCheck)
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, company)
        connection.execute(damage)
        found = connection.execute(check.sql.replace("{batch}", "raw.delivery").replace("$is_new_file", "true"))
        return [dict(zip([name for name, *_ in found.description or ()], row, strict=True))["file"] for row in found.fetchall()]


def test_killed_at_any_moment_raw_says_the_same_and_the_next_run_tidies_up(home: Path, tmp_path: Path) -> None:
    root, undisturbed = tmp_path / "home", tmp_path / "undisturbed"
    shutil.copytree(home, undisturbed)
    assert take_in(Home(undisturbed), read_company(Home(undisturbed)), dt.date(2025, 12, 31)).failed == ()
    shutil.copytree(undisturbed, root)
    before = shown(root)
    assert repledger("compact", home=undisturbed).returncode == 0
    for boundary, number in KILLS:
        killed = interrupted(root, "compact", at=boundary, number=number)
        assert killed.returncode == -signal.SIGKILL, (boundary, killed.stderr)
        assert shown(root) == before, boundary
    build(root)
    assert repledger("compact", home=root).returncode == 0
    assert read_state(Home(root)) is None, "files went that a warehouse built after the kill reads"
    build(root)
    assert repledger("compact", home=root).stdout.endswith("nothing to compact\n")
    assert read_state(Home(root)) is not None
    assert shown(root) == shown(undisturbed) == before
    assert content_of(root / "raw") == content_of(undisturbed / "raw")


def build(root: Path) -> None:
    """As if a night had built a warehouse from raw as it is."""
    Home(root).warehouse.touch()
    remember(Home(root), WarehouseState("fingerprint", DAYS[-1], "code", "settings", {}))


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
