"""What `prune` removes and what it never does."""

import dataclasses
import datetime as dt
import gzip
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import ConfigurationError
from orchestration.landing.intake import take_in
from orchestration.landing.ledger import read_ledger
from orchestration.landing.retention import Pruned, as_text, prune
from orchestration.landing.views import create_raw_schema
from orchestration.landing.withdrawal import withdraw
from orchestration.publication.manifest import FILES, MANIFEST, PUBLISHED_AT, Publication
from orchestration.publication.publish import MADE_FROM
from orchestration.settings import Company, Home, Retention, Source, read_company

NOW = dt.datetime.now(dt.UTC)
LATER = NOW + dt.timedelta(days=31)
COMPANY = Company(
    name="Example",
    reporting_currency="USD",
    fiscal_year_start_month=1,
    time_zone="UTC",
    credit_policy="acquirer",
    constant_currency_on=dt.date(2025, 1, 1),
    connectors=("standard",),
    sources={"crm": Source("crm", "standard", {"campaign": "snapshot"}, {"campaign": ("campaign_id",)})},
    retention=Retention(landing_days=30, raw_days=30),
)
FILE = "crm/campaign/2025-01-01/a.csv"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    deliver(home, "old")
    deliver(home, "new")
    return home


def deliver(home: Home, campaign_id: str, file: str = FILE) -> None:
    path = home.landing / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"campaign_id\n{campaign_id}\n")
    assert take_in(home, COMPANY, NOW.date()).failed == ()


def publish(home: Home, as_of: str, files: dict[str, str] | None) -> Path:
    """A publication that says which files it was made from, or one of before that was told."""
    publication = Publication("Example", as_of, as_of, "c", "s", 0, ())
    folder = home.published / "publications" / publication.id
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(publication.as_json())
    (folder / PUBLISHED_AT).write_text(as_of)
    if files is not None:
        (folder / MADE_FROM).write_bytes(gzip.compress("".join(f"{sha256[:12]} {file}\n" for file, sha256 in files.items()).encode()))
    return folder


def raw(home: Home) -> list[tuple[str]]:
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, COMPANY)
        return connection.execute("select campaign_id from raw.standard__campaign order by all").fetchall()


def files(home: Home) -> list[Path]:
    return sorted(path for path in home.root.rglob("*") if ".work" not in path.parts)


def removed(home: Home, now: dt.datetime = LATER, company: Company = COMPANY, *, dry_run: bool = False) -> dict[str, int]:
    """Files and publications by kind. What went of look-backs has a test of its own."""
    return {one.kind: one.number for one in prune(home, company, now, dry_run=dry_run) if one.kind != "look-backs"}


def test_what_is_past_its_days_goes_and_what_counts_stays(home: Home) -> None:
    assert removed(home, NOW) == {"publications": 0, "landing": 0, "raw": 0}
    before = files(home)
    assert removed(home, dry_run=True) == {"publications": 0, "landing": 1, "raw": 1}
    assert files(home) == before
    assert removed(home) == {"publications": 0, "landing": 1, "raw": 1}
    assert not (home.landing / FILE).parent.exists()
    assert raw(home) == [("new",)]
    assert [(one.state, one.parquet(home).exists()) for one in read_ledger(home)] == [("superseded", False), ("loaded", True)]
    assert removed(home) == {"publications": 0, "landing": 0, "raw": 0}
    deliver(home, "old")
    assert raw(home) == [("old",)], "delivered again, it is read again"


def test_without_keys_landing_and_raw_are_kept_for_good(home: Home) -> None:
    assert removed(home, company=dataclasses.replace(COMPANY, retention=Retention())) == {"publications": 0, "landing": 0, "raw": 0}


def test_a_file_that_changed_since_it_was_loaded_is_not_removed(home: Home) -> None:
    path = home.landing / FILE
    before = path.stat()
    path.write_text("campaign_id\nnow\n")
    assert removed(home)["landing"] == 0

    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert removed(home)["landing"] == 0, "size and time are not enough: the bytes are"


def test_a_withdrawn_file_whose_rows_are_gone_brings_nothing_back(home: Home) -> None:
    (home.landing / FILE).unlink()
    withdraw(home, FILE)
    assert removed(home)["raw"] == 2
    assert raw(home) == []
    assert sorted(one.state for one in read_ledger(home)) == ["superseded", "withdrawn"]


def test_what_a_kept_publication_was_made_from_stays(home: Home) -> None:
    old = {one.file: one.sha256 for one in read_ledger(home) if one.state == "superseded"}
    silent = publish(home, "2025-01-31", None)
    assert removed(home)["raw"] == 0, "a publication that does not say what it was made from needs all of it"
    shutil.rmtree(silent)
    month_end = publish(home, "2025-01-31", old)
    for day in range(1, 16):
        publish(home, f"2025-02-{day:02}", {})
    assert removed(home) == {"publications": 1, "landing": 0, "raw": 0}
    assert month_end.exists()
    one_month = dataclasses.replace(COMPANY, retention=Retention(raw_days=30, publications=1, month_ends=1))
    assert removed(home, company=one_month) == {"publications": 14, "landing": 0, "raw": 1}
    assert [path.name[:10] for path in (home.published / "publications").iterdir()] == ["2025-02-15"]


def look_back(home: Home, day: str, published_at: str, files: dict[str, str]) -> Path:
    """What `nightly --as-known-on` leaves of a day, and scratch of before."""
    aside = home.as_known(dt.date.fromisoformat(day))
    folder = publish(aside, "2025-01-01", files)
    (folder / PUBLISHED_AT).write_text(published_at)
    (aside.published / "current").symlink_to(folder.relative_to(aside.published))
    for name in FILES:
        (folder / name).touch()
        (aside.published / name).symlink_to(Path("current") / name)
    for other in (aside.notes, aside.failed, aside.work):
        other.mkdir(parents=True)
        (other / "x").write_text("x")
    return aside.published


def test_look_backs_beyond_the_last_published_go_whole_and_what_a_kept_one_was_made_from_stays(home: Home) -> None:
    old = {one.file: one.sha256 for one in read_ledger(home) if one.state == "superseded"}
    early = look_back(home, "2025-01-15", "2025-03-03", old)
    look_back(home, "2025-01-20", "2025-03-01", {})
    late = look_back(home, "2025-01-10", "2025-03-02", {})

    def pruned(number: int | None, *, dry_run: bool = False) -> list[tuple[str, int]]:
        company = dataclasses.replace(COMPANY, retention=Retention(raw_days=30, look_backs=number))
        return [(one.kind, one.number) for one in prune(home, company, LATER, dry_run=dry_run) if one.kind in ("look-backs", "raw")]

    assert pruned(None, dry_run=True) == [("look-backs", 0), ("raw", 0)]
    assert pruned(2, dry_run=True) == [("look-backs", 1), ("raw", 0)]
    assert pruned(2) == [("look-backs", 1), ("raw", 0)]
    assert sorted(home.published.glob("as_known_on/*")) == sorted([early, late])
    assert len([*home.failed.glob("as_known_on/*"), *home.notes.glob("as_known_on/*")]) == 4
    assert not (home.work / "as_known_on").exists(), "scratch is nobody's"
    assert pruned(1) == [("look-backs", 1), ("raw", 0)]
    assert pruned(0) == [("look-backs", 1), ("raw", 1)]
    assert [path for path in home.root.rglob("as_known_on/*") if path.is_dir()] == []


def test_what_was_named_as_pruned_before_a_kill_goes_with_the_next_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_: Path, **__: bool) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            prune(home, dataclasses.replace(COMPANY, retention=Retention(raw_days=30)), LATER)
    assert raw(home) == [("new",)]
    assert removed(home)["raw"] == 1


def test_raw_is_on_the_disk_before_anything_is_built_from_it_and_before_the_landing_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the landing's file is gone, raw alone says what was delivered: no power failure may take it."""
    home, held, fsync = Home(tmp_path), set(), os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        held.update({os.fstat(descriptor).st_ino} if (home.landing / FILE).exists() else ())

    monkeypatch.setattr(os, "fsync", watched)
    deliver(home, "old")
    deliver(home, "new\nbroken,line")
    loaded = {path.stat().st_ino for path in [home.root, home.raw, *home.raw.rglob("*")]}
    assert len(loaded) == 2 + 3 + 5 and loaded <= held
    held.clear()
    assert take_in(home, COMPANY, NOW.date()).unchanged == 1
    assert held == set(), "what was not written is not waited for"
    assert removed(home)["landing"] == 1
    (kept,) = [one.parquet(home) for one in read_ledger(home) if one.state == "loaded"]
    assert {path.stat().st_ino for path in kept.parent.glob(f"{kept.stem}.*")} <= held


WRONG = {"raw_days = -1": "`retention.raw_days` is -1", "publications = 0": "`retention.publications` is 0", "x = 1": "unknown key `retention.x`"}


@pytest.mark.parametrize(("line", "words"), WRONG.items())
def test_a_key_that_means_nothing_is_refused(tmp_path: Path, line: str, words: str) -> None:
    from tests.pipeline.small_company import new_company

    home = Home(new_company(tmp_path))
    text = home.company_file.read_text()
    home.company_file.write_text(text.replace("# [retention]\n", f"[retention]\n{line}\n"))
    with pytest.raises(ConfigurationError, match=words):
        read_company(home)
    home.company_file.write_text(
        text.replace("# [retention]\n# landing_days", "[retention]\nlanding_days").replace("# month_ends", "month_ends").replace("# look_", "look_")
    )
    assert read_company(home).retention == Retention(landing_days=90, month_ends=120, look_backs=24)


def test_it_is_told_in_bytes() -> None:
    told = as_text([Pruned("landing", "loaded for more than 30 days", 2, 1_200), Pruned("raw", "kept for good", 0, 0)], dry_run=True)
    assert told.splitlines() == ["landing: 2 (loaded for more than 30 days), 1,200 bytes", "raw: 0 (kept for good), 0 bytes", "1,200 bytes would be removed"]
