"""Corrections through whole nights: what a source has wrong is published right, in the open, until the source says otherwise."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.company_file import standard_sources
from orchestration.settings import Source
from tests.pipeline.small_company import deliver, new_company, nightly, published, repledger, warehouse

EARLY, HELD, LATE = "2025-02-01", "2025-02-02", "2025-02-03"


def correction(correction_id: str, entity_key: str, from_value: str, to_value: str, **more: str) -> dict[str, str]:
    told = {"entity": "account", "column_name": "industry", "reason": "a slip", "written_by": "ann", "approved_by": "cem"}
    return {"correction_id": correction_id, "entity_key": entity_key, "from_value": from_value, "to_value": to_value, **told, **more}


GOOD = [
    correction("applies", "a", "stel", "steel"),
    correction("applies too", "a", "stel", "steel"),
    correction("mended", "b", "stel", "steel"),
    correction("fell back", "d", "stel", "steel"),
    correction("early", "not yet", "stel", "steel"),
    correction("never", "c", "wood", "paper"),
    correction("was empty", "c", "", "glass"),
    correction("money", "1", "100.0", "90", entity="order_line", column_name="booked_amount"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_company(tmp_path_factory.mktemp("corrections"), sources=(*standard_sources(), Source("desk", "standard", {"correction": "delta"})))
    people = [{"crm_user_id": name, "user_name": name.title(), "rep_role": "hunter", "team_id": "north"} for name in ("ann", "bea")]
    deliver(home, "crm_user", EARLY, people)
    line = {"order_id": "1", "crm_user_id": "ann", "currency": "USD", "ordered_on": "2025-01-10", "booked_amount": "100"}
    deliver(home, "order_line", EARLY, [{"order_line_id": number, "account_id": key, **line} for number, key in zip("123", "abc", strict=True)])
    for day in (EARLY, HELD, LATE):
        industries = {"a": "stel", "b": "iron" if day == LATE else "stel", "c": "", "d": "iron" if day == HELD else "stel"}
        deliver(home, "account", day, [{"account_id": key, "industry": industry} for key, industry in industries.items()])
    deliver(home, "correction", HELD, [*GOOD, correction("left out of the next file", "a", "stel", "lead", column_name="business_type")])
    deliver(home, "correction", LATE, GOOD)
    # Two rows of one correction in one extract.
    for file, said in (("a.csv", FIRST), ("b.csv", SECOND)):
        deliver(home, "correction", LATE, [correction("twice", "not yet", said, "oak")], source="desk", file=file)
    nightly(home)
    return home


FIRST, SECOND = "oek", "ook"


def test_it_changes_what_says_exactly_that_and_its_state_is_published(home: Path) -> None:
    assert published(home, "select account_id, industry from dim_customer where account_id <> 'unknown' order by 1") == [
        ("a", "steel"),
        ("b", "iron"),
        ("c", "glass"),
        ("d", "steel"),
    ]
    states = "select correction_id, correction_state, corrected_lines, cast(known_from_on as varchar) from correction order by 1"
    assert published(home, states) == [
        ("applies", "applied", 3, HELD),
        ("applies too", "applied", 3, HELD),
        ("early", "waiting", 0, HELD),
        ("fell back", "applied", 2, HELD),
        ("mended", "expired", 2, HELD),
        ("money", "applied", 1, HELD),
        ("never", "unmatched", 0, HELD),
        ("twice", "waiting", 0, LATE),
        ("was empty", "applied", 3, HELD),
    ]
    assert published(home, "select sum(revenue_amount) from company_revenue") == [(290,)]
    nothing = (home / "notes/correction/changes_something.csv").read_text(encoding="utf-8").splitlines()
    still = [f"{correction_id},account,industry" for correction_id in ("early,waiting", "never,unmatched", "twice,waiting")]
    assert nothing == ["correction_id,correction_state,entity,column_name", *still]
    assert warehouse(home, "select industry from input.input_account where account_id = 'b' order by _extract_date") == [("steel",), ("steel",), ("iron",)]
    assert warehouse(home, "select distinct _corrections from input.input_order_line order by 1") == [("[money]",), (None,)]
    columns = {name for name, *_ in published(home, "describe correction")}
    assert columns.isdisjoint({"from_value", "to_value"}), "they may be pay"


def test_of_two_rows_of_one_correction_in_one_extract_that_one_applies_which_the_conflict_keeps(home: Path) -> None:
    kept = published(home, "select kept_file from conflict where entity = 'correction'")
    assert kept == [(f"desk/correction/{LATE}/{KEPT}",)]
    said = {"a.csv": FIRST, "b.csv": SECOND}[KEPT]
    assert warehouse(home, "select from_value from staging.prep_standard__correction where correction_id = 'twice'") == [(said,)]


# Not the one that stands last by name: the content decides.
KEPT = "a.csv"


def test_before_it_was_told_the_old_figure_was_known(home: Path) -> None:
    done = repledger("nightly", "--as-known-on", EARLY, home=home)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(home / f"published/as_known_on/{EARLY}/repledger.duckdb"), read_only=True) as connection:
        assert connection.sql("select industry from dim_customer where account_id = 'a'").fetchall() == [("stel",)]
        assert connection.sql("select count(*) from correction").fetchall() == [(0,)]


def test_left_out_of_the_next_file_they_end_the_last_one_too(home: Path, tmp_path: Path) -> None:
    """A header alone is noted: of any other snapshot it would block."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    deliver(copy, "correction", "2025-02-04", [])
    nightly(copy)
    assert published(copy, "select correction_id from correction") == [("twice",)], "the desk's list is its own"
    assert published(copy, "select industry from dim_customer where account_id = 'a'") == [("stel",)]
    assert published(copy, "select sum(revenue_amount) from company_revenue") == [(300,)]
    noted = (copy / "notes/raw_reference__correction/volume_like_before.csv").read_text(encoding="utf-8").splitlines()
    assert noted[1:] == [f"reference,2025-02-04,0,{len(GOOD)}"]


def test_what_can_not_be_applied_blocks_and_names_file_and_line(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    bad = [
        correction("own", "a", "stel", "steel", approved_by="Ann "),
        correction("no such column", "a", "stel", "steel", column_name="branch"),
        correction("no date", "a", "2025-01-01", "yesterday", column_name="created_on"),
        correction("one thing", "b", "stel", "steel"),
        correction("another", "b", "stel", "tin"),
    ]
    deliver(copy, "correction", LATE, bad)
    # Days apart, each by itself in its extract.
    deliver(copy, "correction", EARLY, [correction("told first", "c", "oek", "oak")], source="desk")
    deliver(copy, "correction", HELD, [correction("told later", "c", "oek", "elm")], source="desk")
    done = repledger("nightly", home=copy)
    assert done.returncode == 1
    told = {check: next(line for line in done.stderr.splitlines() if f".{check}: " in line) for check in CHECKS}
    for check, (rows, line) in CHECKS.items():
        assert f"{rows} row" in told[check] and f"reference/correction/{LATE}/correction.csv" in told[check] and f"_line={line}" in told[check], told[check]
    failed = (copy / "failed/gate/raw_reference__correction/no_contradiction.csv").read_text()
    assert "another,one thing," in failed and "told first,told later," in failed


CHECKS = {"approved_by_another": (1, 2), "cell_is_known": (1, 3), "values_castable": (1, 4), "no_contradiction": (4, 6)}
