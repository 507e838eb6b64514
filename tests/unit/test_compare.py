"""What differs between two publications is found wherever the home lies, in the files that differ, and nothing spills beside it."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.files import file_sha256
from orchestration.memory import memory_limit
from orchestration.publication import manifest
from orchestration.publication.compare import as_text, compare
from orchestration.publication.manifest import Publication, PublishedTable, sha256_of_files
from orchestration.settings import Home

MONTHS = {
    "2024-01": "('1', 10.00), ('2', 20.00)",
    "2024-02": "('3', 30.00)",
}
LATER = {
    "2024-01": "('1', 10.00), ('2', 20.00)",
    "2024-02": "('4', 40.00)",
    "2024-03": "('3', 31.00), ('5', 50.00)",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Its path holds what DuckDB would take for wildcards, and a quote."""
    return Home(tmp_path / "e[1]*?'s" / "home")


def write(home: Home, name: str, months: dict[str, str], *, rows: str = "('a', 1)") -> None:
    """A publication of sales by month, and of reps in one file."""
    folder = home.published / "publications" / name
    sales = folder / "parquet" / "fct_sale"
    sales.mkdir(parents=True)
    with duckdb.connect() as connection:
        for month, values in months.items():
            connection.sql(f"from (values {values}) as sale (sale_id, amount)").write_parquet(str(sales / f"{month}.parquet"))
        connection.sql(f"from (values {rows}) as rep (rep_id, size)").write_parquet(str(folder / "parquet/dim_rep.parquet"))
    files = {path.name: file_sha256(path) for path in sales.iterdir()}
    tables = (
        PublishedTable("dim_rep", "table", ("rep_id",), 1, 2, file_sha256(folder / "parquet/dim_rep.parquet")),
        PublishedTable("fct_sale", "table", ("sale_id",), 0, 2, sha256_of_files(files), files),
    )
    publication = Publication("A company", "2024-03-31", name, "c1", "s1", 1, tables)
    (folder / manifest.MANIFEST).write_text(publication.as_json())
    (folder / manifest.PUBLISHED_AT).write_text("2024-04-01T01:00:00+00:00\n")


def test_a_row_that_moved_to_another_month_is_changed_not_lost(home: Home) -> None:
    write(home, "a", MONTHS)
    write(home, "b", LATER)
    (found,) = compare(home, "a", "b")
    assert (found.table, found.only_left, found.only_right, found.changed) == ("fct_sale", 0, 2, 1)
    assert as_text([found]).splitlines() == [
        "fct_sale: 2 only in B, 1 changed",
        "  changed: sale_id=3 (amount)",
        "  only in B: sale_id=4",
        "  only in B: sale_id=5",
    ]
    assert compare(home, "b", "a")[0].only_left == 2
    assert compare(home, "a", "a") == []


def test_a_month_whose_file_is_the_same_is_not_read(home: Home) -> None:
    write(home, "a", MONTHS)
    write(home, "b", LATER)
    for name in ("a", "b"):
        (home.published / "publications" / name / "parquet/fct_sale/2024-01.parquet").write_bytes(b"not read")
    assert [found.changed for found in compare(home, "a", "b")] == [1]


@pytest.mark.parametrize("fewer", ["a", "b"])
def test_a_side_on_which_months_are_only_missing_lacks_their_rows(home: Home, fewer: str) -> None:
    write(home, fewer, MONTHS)
    write(home, "ab".replace(fewer, ""), MONTHS | {"2024-03": "('5', 50.00)"})
    (found,) = compare(home, "a", "b")
    assert (found.only_left, found.only_right, found.changed) == ((0, 1, 0) if fewer == "a" else (1, 0, 0))


def test_a_table_that_has_no_rows_on_one_side_is_one_file_there(home: Home) -> None:
    write(home, "a", {})
    write(home, "b", MONTHS)
    empty = home.published / "publications/a/parquet/fct_sale.parquet"
    duckdb.sql("select '1' as sale_id, 10.00 as amount where false").write_parquet(str(empty))
    table = home.published / "publications/a" / manifest.MANIFEST
    told = json.loads(table.read_text())
    told["tables"][1] |= {"sha256": file_sha256(empty), "files": {}}
    table.write_text(json.dumps(told))
    assert [(found.only_left, found.only_right) for found in compare(home, "a", "b")] == [(0, 3)]


def test_it_knows_a_limit_of_memory_and_spills_within_the_home_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spilled may be pay: it lies in no folder that the command happens to be run in, and nothing of it is left."""
    write(home, "a", MONTHS)
    write(home, "b", LATER, rows="('a', 2)")
    connect, told = duckdb.connect, []

    def watched(config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        told.append(config)
        return connect(config=config)

    monkeypatch.setattr(duckdb, "connect", watched)
    assert [found.table for found in compare(home, "a", "b")] == ["dim_rep", "fct_sale"]
    assert [config["memory_limit"] for config in told] == [memory_limit()] * 2
    assert all(Path(config["temp_directory"]).is_relative_to(home.work) for config in told)
    assert list(home.work.iterdir()) == []
