"""`prune` and `withdraw`, killed by SIGKILL just before each of their boundaries: said again, they end in what one that nothing disturbed leaves."""

import datetime as dt
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import ConfigurationError
from orchestration.landing.intake import take_in
from orchestration.landing.ledger import read_ledger
from orchestration.landing.retention import prune
from orchestration.landing.withdrawal import withdraw
from orchestration.settings import Home, Source, read_company
from tests.pipeline.interrupted import interrupted
from tests.pipeline.interrupted_night import copy_of
from tests.pipeline.small_company import deliver, new_company
from tests.unit.test_retention import look_back, publish

FIRST, SECOND = "crm/campaign/2025-01-01/first.csv", "crm/campaign/2025-01-01/second.csv"
TODAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two names of the same bytes, a file that was replaced, and publications and look-backs of which one each is to go."""
    root = new_company(tmp_path_factory.mktemp("upkeep") / "home", sources=(Source("crm", "standard", {"campaign": "snapshot"}),))
    for file, campaign in (("first.csv", "same"), ("replaced.csv", "old"), ("replaced.csv", "new"), ("second.csv", "same")):
        deliver(root, "campaign", "2025-01-01", [{"campaign_id": campaign, "campaign_name": campaign}], file=file)
        _take_in(root)
    for day in ("2025-01-30", "2025-01-31"):
        publish(Home(root), day, {})
        look_back(Home(root), day, day, {})
    shutil.rmtree(root / ".work/as_known_on")
    with (root / "company.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[retention]\nlanding_days = 0\nraw_days = 0\npublications = 1\nmonth_ends = 1\nlook_backs = 1\n")
    return root


def test_a_prune_that_is_killed_is_ended_by_the_next(home: Path, tmp_path: Path) -> None:
    undisturbed, boundaries = _undisturbed(home, tmp_path, "prune")
    assert {name.split()[0] for name in boundaries} == {"rename", "remove"}
    assert len(_files(undisturbed)) < len(_files(home))
    for number, boundary in enumerate(boundaries, start=1):
        killed = _killed(home, tmp_path / f"{number}", number, "prune")
        prune(Home(killed), read_company(Home(killed)), dt.datetime.now(dt.UTC))
        assert _files(killed) == _files(undisturbed), boundary
        shutil.rmtree(killed)


def test_a_withdrawal_that_is_killed_is_ended_by_the_next_or_by_the_night(home: Path, tmp_path: Path) -> None:
    """The rows are told under the name that still counts: the word of the ledger, their own rename, and the entry that names it."""
    removed = copy_of(home, tmp_path / "removed")
    (removed / "landing" / FIRST).unlink()
    undisturbed, boundaries = _undisturbed(removed, tmp_path, "withdraw", FIRST)
    _take_in(undisturbed)
    assert [one for one in _told(undisturbed) if one[0] in (FIRST, SECOND)] == [(FIRST, "withdrawn", 0), (SECOND, "loaded", 1)]
    for number, boundary in enumerate(boundaries, start=1):
        killed = _killed(removed, tmp_path / f"{number}", number, "withdraw", FIRST)
        try:
            withdraw(Home(killed), FIRST)
        except ConfigurationError as error:
            assert "was withdrawn already" in str(error), boundary
        _take_in(killed)
        assert _told(killed) == _told(undisturbed), boundary
        assert {name: content for name, content in _files(killed).items() if not name.endswith(".json")} == {
            name: content for name, content in _files(undisturbed).items() if not name.endswith(".json")
        }, boundary
        shutil.rmtree(killed)


def _undisturbed(home: Path, folder: Path, *command: str) -> tuple[Path, list[str]]:
    """A home after the command, and the boundaries that it passed."""
    done = interrupted(copy_of(home, folder / "undisturbed"), *command, log=folder / "boundaries.txt")
    assert done.returncode == 0, done.stderr
    boundaries = (folder / "boundaries.txt").read_text().splitlines()
    assert boundaries
    return folder / "undisturbed", boundaries


def _killed(home: Path, copy: Path, number: int, *command: str) -> Path:
    killed = interrupted(copy_of(home, copy), *command, at="*", number=number)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    return copy


def _take_in(root: Path) -> None:
    """As the next night begins."""
    assert take_in(Home(root), read_company(Home(root)), TODAY).failed == ()


def _told(root: Path) -> list[tuple[Any, ...]]:
    return sorted((one.file, one.state, one.loaded) for one in read_ledger(Home(root)))


def _files(root: Path) -> dict[str, bytes]:
    """All but the scratch."""
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(".work/")}
