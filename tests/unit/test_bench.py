"""The benchmark's own measures: a difference is seen, bytes written again are seen, a phase begins where the command says so."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from tests.bench import run
from tests.bench.compare_rows import compare_rows
from tests.bench.linked import Rewritten, rewritten
from tests.bench.measure import measured

ROWS = "(values ('ann', 'as_sold', 2.5), ('bea', 'as_sold', 1.5)) as rows(rep, lens, ratio)"


@pytest.mark.parametrize(
    ("made", "only_published", "only_other"),
    [
        (ROWS, 0, 0),
        ("(values ('ann', 'as_sold', 2.5), ('bea', 'as_sold', 1.6)) as rows(rep, lens, ratio)", 1, 1),
        (f"(from {ROWS} where rep = 'ann')", 1, 0),
        (f"(from {ROWS} union all from {ROWS})", 0, 0),
    ],
    ids=["the same", "another cell", "a row less", "rows twice"],
)
def test_a_difference_of_one_cell_or_row_is_seen_both_ways(tmp_path: Path, made: str, only_published: int, only_other: int) -> None:
    """The published table may hold other lenses and more columns; what the other way made must all be there."""
    published = _published(tmp_path)
    duckdb.execute(f"copy (from {made}) to '{tmp_path / 'rep_value.parquet'}' (format parquet)")
    (found,) = compare_rows("limit", published, tmp_path)
    assert (found.only_published, found.only_other, found.not_compared) == (only_published, only_other, ("grade",))
    assert found.is_same == (made == ROWS)


def test_a_column_that_was_never_published_is_an_error(tmp_path: Path) -> None:
    published = _published(tmp_path)
    duckdb.execute(f"copy (select *, 1 as odd from {ROWS}) to '{tmp_path / 'rep_value.parquet'}' (format parquet)")
    with pytest.raises(ValueError, match="rep_value has columns that are not published: odd"):
        compare_rows("limit", published, tmp_path)


def test_files_that_were_linked_copied_and_changed_are_told_apart(tmp_path: Path) -> None:
    before, after = tmp_path / "before/parquet", tmp_path / "after/parquet"
    for folder in (before, after):
        folder.mkdir(parents=True)
    for name in ("linked", "copied", "changed"):
        (before / f"{name}.parquet").write_bytes(b"same")
    os.link(before / "linked.parquet", after / "linked.parquet")
    (after / "copied.parquet").write_bytes(b"same")
    (after / "changed.parquet").write_bytes(b"other")
    assert rewritten(before.parent, after.parent) == Rewritten(bytes=13, new_bytes=9, files=3, linked=1, copied=1)


def test_a_phase_begins_at_its_line_and_has_its_own_peak_and_bytes(tmp_path: Path) -> None:
    script = f"""
import sys
block = bytearray(200_000_000)
print("second", file=sys.stderr, flush=True)
sys.stdin.readline()
del block
open({str(tmp_path / "written")!r}, "wb").write(bytes(1_000_000))
"""
    night = measured("whole", [sys.executable, "-c", script], begins={"second": "second"}, first="first")
    assert [one.name for one in night.phases] == ["first", "second"]
    assert night.phase("first").peak_bytes > 200_000_000
    assert night.phase("first").written_bytes < 1_000_000 <= night.phase("second").written_bytes
    assert night.whole.peak_bytes == max(one.peak_bytes for one in night.phases)


def test_a_command_that_fails_ends_the_run_with_what_it_said() -> None:
    with pytest.raises(SystemExit, match=r"night: ended with 3\nno room"):
        measured("night", [sys.executable, "-c", "import sys; print('no room', file=sys.stderr); sys.exit(3)"])


def test_a_run_that_could_fill_the_disk_does_not_begin_and_says_so_in_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--size", "L", "--home", str(tmp_path / "L")])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=39_000_000_000))
    assert run.main() == 1
    report = json.loads((tmp_path / "L/report.json").read_text())
    assert report["stopped"].startswith("39,000,000,000 bytes are free and 0 held")
    assert sorted(path.name for path in (tmp_path / "L").iterdir()) == ["report.json", "report.md"]


def _published(folder: Path) -> Path:
    with duckdb.connect(str(folder / "repledger.duckdb")) as connection:
        connection.execute(f"create table rep_value as select *, 'A' as grade from {ROWS} union all select 'ann', 'as_is', 9.9, 'A'")
    return folder / "repledger.duckdb"
