"""The benchmark's own measures: a difference is seen, bytes written again are seen, a phase begins where the command says so."""

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration.settings import Home
from tests.bench import run
from tests.bench.compare_rows import compare_rows
from tests.bench.interruption import chosen
from tests.bench.linked import BY_MONTH, BY_TABLE, ONE_FILE, REST, Part, Rewritten, rewritten
from tests.bench.measure import measured
from tests.bench.report import Report

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


def test_rows_that_the_other_way_does_not_know_are_not_compared(tmp_path: Path) -> None:
    """Pairs of segments, and territories with all below them."""
    published = _published(tmp_path)
    with duckdb.connect(str(published)) as connection:
        for table, column, kinds in (("segment_value", "segment_type", "region region_industry"), ("group_value", "group_type", "territory territory_tree")):
            connection.execute(f"create table {table} as select unnest(string_split('{kinds}', ' ')) as {column}, 1 as cost")
            connection.execute(f"copy (from {table} where {column} = '{kinds.split()[0]}') to '{tmp_path / table}.parquet' (format parquet)")
    assert [found.is_same for found in compare_rows("limit", published, tmp_path)] == [True, True]


def test_a_column_that_was_never_published_is_an_error(tmp_path: Path) -> None:
    published = _published(tmp_path)
    duckdb.execute(f"copy (select *, 1 as odd from {ROWS}) to '{tmp_path / 'rep_value.parquet'}' (format parquet)")
    with pytest.raises(ValueError, match="rep_value has columns that are not published: odd"):
        compare_rows("limit", published, tmp_path)


def test_a_publication_is_measured_whole_and_what_was_linked_copied_and_changed_told_apart(tmp_path: Path) -> None:
    """Of two months one changed; of the other a table was written again as it was, which is no change."""
    before, after = tmp_path / "before", tmp_path / "after"
    files = {"parquet/fct/2024-01.parquet": 90, "parquet/fct/2024-02.parquet": 10, "parquet/own/2024-01.parquet": 10, "parquet/dim.parquet": 5}
    files |= {"repledger.duckdb": 200, "index.html": 3, "manifest.json": 2}
    for folder in (before, after):
        for name, size in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(bytes(size))
    (after / "parquet/fct/2024-02.parquet").write_bytes(b"changed!!!")
    (after / "repledger.duckdb").write_bytes(b"+" * 200)
    for name in ("parquet/fct/2024-01.parquet", "parquet/dim.parquet"):
        (after / name).unlink()
        os.link(before / name, after / name)
    found = rewritten(before, after)
    assert (found.months, found.changed_months) == (2, 1)
    assert found.whole == Part(files=7, linked=2, copied=3, bytes=320, written_bytes=225)
    assert found.parts == {
        BY_MONTH: Part(files=3, linked=1, copied=1, bytes=110, written_bytes=20),
        BY_TABLE: Part(files=1, linked=1, copied=0, bytes=5, written_bytes=0),
        ONE_FILE: Part(files=1, linked=0, copied=0, bytes=200, written_bytes=200),
        REST: Part(files=2, linked=0, copied=2, bytes=5, written_bytes=5),
    }


@pytest.mark.parametrize(("written", "copied", "is_met"), [(40, 0, True), (60, 0, False), (40, 1, False)], ids=["few", "too many", "as it was"])
def test_publishing_is_met_part_by_part_in_proportion_to_the_months_that_changed(tmp_path: Path, written: int, copied: int, is_met: bool) -> None:
    """One month of four changed: up to half of the bytes may be written, and no file that is as it was."""
    report = Report("S", Home(tmp_path))
    report.rewritten = Rewritten(4, 1, Part(9, 5, copied, 100, written), {ONE_FILE: Part(1, 0, 0, 100, 100)})
    assert [(one.here, one.target, one.is_met) for one in report.ratios()] == [
        (f"0.0 MB, {written}.0%", "≤ 2 × 25.0% (months that changed)", is_met),
        ("0.0 MB, 100.0%", "≤ 2 × 25.0% (months that changed)", False),
    ]


def test_the_report_says_which_lens_and_columns_were_not_compared(tmp_path: Path) -> None:
    published = _published(tmp_path)
    duckdb.execute(f"copy (from {ROWS}) to '{tmp_path / 'rep_value.parquet'}' (format parquet)")
    report = Report("S", Home(tmp_path))
    report.compared(compare_rows("pandas", published, tmp_path))
    report.write(tmp_path)
    told = (tmp_path / "report.md").read_text()
    assert "of the lenses, as_sold alone" in told
    assert "- not compared: pandas makes no rep_value.grade\n" in told


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


def test_each_kind_of_commit_is_killed_at_once_and_so_many_of_those_that_repeat_one() -> None:
    once = ["rename a", "commit duckdb one", "commit duckdb two", "commit sqlite", "remove a"]
    again = ["commit duckdb one", "commit sqlite", "commit duckdb two", "commit sqlite", "commit duckdb one", "link b"]
    number = [place for _, place in chosen([*once, *again], files=1, kinds=1, commits=2)]
    assert number == [1, 5, 11, 2, 3, 4, 6, 8, 7, 9]
    assert [name for name, _ in chosen([*once, *again], files=0, kinds=0, commits=1)] == [
        "commit duckdb one, the 6th boundary",
        "commit sqlite, the 7th boundary",
    ]
