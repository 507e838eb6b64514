"""Whatever ends a night early, readers see a whole publication and the next night ends in the rows of one that nothing disturbed.

A sample of boundaries; `tests/bench/interruption.py` kills at each rename, link and removal, at the first commit of each kind and N more of each
database, and at random moments. What lies beside a night, `prune` and `withdraw`, is killed at each boundary in `test_interrupted_upkeep`.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.nightly import last_night
from orchestration.publication import manifest
from orchestration.settings import Home
from tests.pipeline.interrupted import interrupted
from tests.pipeline.interrupted_night import copy_of, outcome, two_nights, what_is_broken
from tests.pipeline.small_company import REPLEDGER, nightly, repledger

# What is killed when, and what that leaves; in the order of a night that makes everything anew. Each kill finds what the ones before it left.
KILLS = [
    ("a new file without rows", "rename raw/crm/account/*/[!.]*.parquet"),
    ("rows without their entry in the ledger", "rename raw/crm/order_line/extract_date=2025-02-01/[!.]*.json"),
    ("all entries, but rows under a name that counts no more", "rename raw/crm/order_line/extract_date=2025-02-01/.????????????.parquet"),
    ("a warehouse without the word that it is whole", "rename .work/warehouse.json"),
    ("a publication that readers see and the next night can't build upon", "rename .work/published.json"),
]
# Of a night that is told on. Each kill finds the home as it was: the night after it makes everything anew.
KILLS_TOLD_ON = [
    ("a warehouse of which one history is told on and another is not", "commit duckdb core_order_line_history"),
    ("half a publication whose months are links into the one that readers see", "link published/publications/.building/parquet/fct_order_line/2024-11.parquet"),
    ("a whole publication that no reader sees yet", "rename published/current"),
]


def test_killed_nights_leave_the_publication_whole_and_the_next_one_ends_in_the_same_rows(shared: Path, tmp_path: Path) -> None:
    delivered, undisturbed = two_nights(shared, "takes_back")
    home = copy_of(delivered, tmp_path / "home")
    seen = []
    for left, boundary in KILLS:
        killed = interrupted(home, "nightly", at=boundary)
        assert killed.returncode == -signal.SIGKILL, (left, killed.stderr)
        assert what_is_broken(home) == [], left
        assert (last := last_night(Home(home))) and last.reason.startswith("ended without a word"), left
        seen.append(manifest.current(Home(home)))
    assert seen[:-1] == [manifest.current(Home(delivered))] * (len(KILLS) - 1), "only the flip changes what readers see"
    nightly(home)
    assert manifest.current(Home(home)) == seen[-1]
    assert outcome(home) == outcome(undisturbed)


@pytest.mark.parametrize(("left", "boundary"), KILLS_TOLD_ON, ids=[boundary for _, boundary in KILLS_TOLD_ON])
def test_a_killed_night_that_was_told_on_leaves_the_publication_whole_too(shared: Path, tmp_path: Path, left: str, boundary: str) -> None:
    delivered, undisturbed = two_nights(shared, "adds")
    home = copy_of(delivered, tmp_path / "home")
    killed = interrupted(home, "nightly", at=boundary)
    assert killed.returncode == -signal.SIGKILL, (left, killed.stderr)
    assert what_is_broken(home) == [], left
    assert manifest.current(Home(home)) == manifest.current(Home(delivered))
    nightly(home)
    assert outcome(home) == outcome(undisturbed)


def test_of_two_nightlies_at_once_one_publishes_and_the_other_says_so(shared: Path, tmp_path: Path) -> None:
    delivered, undisturbed = two_nights(shared, "takes_back")
    home = copy_of(delivered, tmp_path / "home")
    command = [REPLEDGER, "nightly", "--home", home]
    both = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = {night.pid: (*night.communicate(), night.returncode) for night in both}
    assert sorted(code for _, _, code in told.values()) == [0, 1]
    winner = next(pid for pid, (_, _, code) in told.items() if code == 0)
    loser = next(error for _, error, code in told.values() if code == 1)
    assert loser == f"repledger: {home}: another nightly is running (pid {winner}) → wait until it has ended\n"
    assert what_is_broken(home) == []
    assert outcome(home) == outcome(undisturbed)


def test_a_disk_that_fills_and_a_folder_that_can_not_be_written_end_a_night_in_one_line(shared: Path, tmp_path: Path) -> None:
    """On its way: while a file is taken in, and when all is ready to be published."""
    delivered, undisturbed = two_nights(shared, "takes_back")
    with _mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=200m", "tmpfs") as disk:
        home = copy_of(delivered, disk / "home")
        before = manifest.current(Home(home))
        free = os.statvfs(disk)
        with (disk / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, free.f_bavail * free.f_frsize - 3_000_000)
        _ends_in_one_line(home, "make room there")
        (disk / "filler").unlink()
        with _mounted(home / "published", "--bind", str(home / "published"), remount="remount,bind,ro"):
            _ends_in_one_line(home, f"{home}/published/.current: this user may not read or write it")
        assert manifest.current(Home(home)) == before
        nightly(home)
        assert outcome(home) == outcome(undisturbed)


def test_a_clock_that_jumps_changes_no_row(shared: Path, tmp_path: Path) -> None:
    """Back: what is new is refused, and what is held is not. Ahead, and back again: what was published stays as it is.

    Every command has the same clock: what is to come nobody knows, and what was loaded long ago may go.
    """
    delivered, undisturbed = two_nights(shared, "takes_back")
    home = copy_of(delivered, tmp_path / "home")
    back = interrupted(home, "nightly", clock_days=-10_000)
    assert back.returncode == 1
    assert "2025-03-01 is in the future" in back.stderr and "2025-02-01 is in the future" not in back.stderr
    new = "landing/crm/order_line/2025-03-01/order_line.csv"
    assert "in the future" in interrupted(home, "check", str(home / new), clock_days=-10_000).stdout
    assert interrupted(home, "nightly", "--as-known-on", "2025-02-01", clock_days=-10_000).stderr.count("is still to come: nobody knows it yet") == 1
    ahead = interrupted(home, "nightly", clock_days=1000)
    assert ahead.returncode == 0, ahead.stderr
    assert outcome(home) == outcome(undisturbed)
    for days in (-10_000, 0):
        assert interrupted(home, "nightly", clock_days=days).stdout.startswith("nothing new")
    with (home / "company.toml").open("a") as settings:
        settings.write("\n[retention]\nlanding_days = 900\n")
    told = [interrupted(home, "prune", "--dry-run", clock_days=days).stdout for days in (0, 2000)]
    today, later = (int(re.findall(r"^landing: (\d+) ", one, re.M)[0]) for one in told)
    assert today < later


def _ends_in_one_line(home: Path, do: str) -> None:
    done = repledger("nightly", home=home)
    assert done.returncode == 1
    assert do in done.stderr.splitlines()[-1]
    assert "a bug" not in done.stderr
    assert what_is_broken(home) == []


@contextmanager
def _mounted(folder: Path, *how: str, remount: str = "") -> Iterator[Path]:
    """Root is bound by no mode, so it takes a mount to keep it from writing."""
    folder.mkdir(exist_ok=True)
    if sys.platform != "linux" or subprocess.run(["mount", *how, folder], capture_output=True, check=False).returncode:
        pytest.skip("a file system can't be mounted here: run the tests as root on Linux to see a full disk and a read-only folder")
    try:
        if remount:
            subprocess.run(["mount", "-o", remount, folder], check=True)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
