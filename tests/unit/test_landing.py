"""Delivered files become raw and no line is lost: readers, rejects, the ledger, templates, the dry check.

Each case runs through `take_in` on a home of its own. Lines = rows loaded + lines rejected, whatever is in the file.
"""

import csv
import datetime as dt
import gzip
import io
import json
import os
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import ConfigurationError
from orchestration.landing import batch
from orchestration.landing.check import check_file
from orchestration.landing.declarations import standard_entities
from orchestration.landing.intake import Intake, take_in, unsaid
from orchestration.landing.ledger import read_ledger
from orchestration.landing.loader import Loader
from orchestration.landing.predicates import uncastable_sql, uncastable_words_sql
from orchestration.landing.template import write_templates
from orchestration.landing.views import create_raw_schema
from orchestration.landing.withdrawal import withdraw
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
    sources={"crm": Source("crm", "standard", {"campaign": "snapshot", "order_line": "delta"}, {"campaign": ("campaign_id", "campaign_name")})},
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "a home, with 'quotes'")


def deliver(home: Home, content: bytes, name: str = "a.csv", date: str = "2026-01-01", entity: str = "campaign") -> Intake:
    path = home.landing / "crm" / entity / date / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return take_in(home, COMPANY, TODAY)


def raw(home: Home, columns: str = "campaign_id, campaign_name, _line") -> list[tuple]:
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, COMPANY)
        return connection.sql(f"select {columns} from raw.standard__campaign order by _extract_date, _file, _line").fetchall()


def zipped(*contents: bytes) -> bytes:
    """An archive with a file of each content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.csv", content)
    return packed.getvalue()


HEADER = b"campaign_id,campaign_name\n"
READ = {
    "plain": (HEADER + b"1,one\n2,two\n", [("1", "one", 2), ("2", "two", 3)], 0),
    "no final newline": (HEADER + b"1,one\n2,two", [("1", "one", 2), ("2", "two", 3)], 0),
    "windows line ends": (HEADER.replace(b"\n", b"\r\n") + b"1,one\r\n2,two\r\n", [("1", "one", 2), ("2", "two", 3)], 0),
    "mixed line ends": (HEADER + b"1,one\r\n2,two\n", [("1", "one", 2), ("2", "two", 3)], 0),
    "blank lines": (HEADER + b"1,one\n\n\n2,two\n\n", [("1", "one", 2), ("2", "two", 5)], 0),
    "byte order mark": (b"\xef\xbb\xbf" + HEADER + b"1,one\n", [("1", "one", 2)], 0),
    "gzip": (gzip.compress(HEADER + b"1,one\n"), [("1", "one", 2)], 0),
    "zip": (zipped(HEADER + b"1,one\n"), [("1", "one", 2)], 0),
    "comments before the header, a hash after it": (b"# a comment\n# more\n" + HEADER + b"#1,one\n", [("#1", "one", 4)], 0),
    "columns in another order, one more": (b"more,campaign_name,campaign_id\nx,one,1\n", [("1", "one", 2)], 0),
    "quotes, commas, quotes in quotes": (HEADER + b'1,"a, ""b"""\n', [("1", 'a, "b"', 2)], 0),
    "a line break in quotes": (HEADER + b'1,"a\nb"\n2,two\n', [("1", "a\nb", 2), ("2", "two", 4)], 0),
    "too few and too many fields": (HEADER + b"1,one\n2\n3,three,3\n4,four\n", [("1", "one", 2), ("4", "four", 5)], 2),
    "a quote that swallows a row": (HEADER + b'1,"one\n2,two\n3,thr"ee\n4,four\n', [("4", "four", 5)], 3),
    "a quote that is never closed": (HEADER + b'1,one\n2,"two\n3,three\n', [("1", "one", 2)], 2),
    "text after a quote": (HEADER + b'1,"one" more\n2,two\n', [("2", "two", 3)], 1),
    "header only": (HEADER, [], 0),
}


@pytest.mark.parametrize("case", READ)
def test_every_line_is_a_row_or_a_reject(home: Home, case: str) -> None:
    content, rows, rejected = READ[case]
    intake = deliver(home, content, {"gzip": "a.csv.gz", "zip": "a.zip"}.get(case, "a.csv"))
    assert intake.failed == ()
    assert raw(home) == rows
    (delivery,) = read_ledger(home)
    assert (delivery.lines, delivery.loaded, delivery.rejected) == (len(rows) + rejected, len(rows), rejected)
    if rejected:
        kept = [json.loads(line) for line in delivery.rejects(home).read_text().splitlines()]
        assert len(kept) == rejected and all(one["reason"] and one["line"] and one["text"] for one in kept)


PLAIN = HEADER + b"1,one\n2,two\n"
# What is delivered, and how the refusal begins. One byte is enough: a file has one encoding.
REFUSED = {
    "a byte that is not UTF-8": (HEADER + b"1,one\n2,tw\xe9\n3,three\n", "line 3: the file is not UTF-8"),
    "such a byte after more than one block": (HEADER + b"1,one\n" * 200_000 + b"2,tw\xe9\n", "line 200002: the file is not UTF-8"),
    "such a byte on a line that is broken anyway": (HEADER + b"1,one\n\n2,tw\xe9,2\n", "line 4: the file is not UTF-8"),
    "such a byte at an end without a newline": (HEADER + b"1,one\n2,tw\xe9", "line 3: the file is not UTF-8"),
    "no line that could be read": (HEADER + b"broken\n" * 10, "no line could be read, the first on line 2: 1 column where the header has 2"),
    "semicolons": (PLAIN.replace(b",", b";"), "line 1: the columns seem to be separated by ';', not by a comma"),
}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(HEADER, HEADER), "the zip file holds 2 files"),
        (zipped(HEADER)[:-9], "is no zip file that can be read"),
        (HEADER, "is no zip file that can be read"),
        (zipped(b""), "the file is empty"),
    ],
    ids=["two files", "half-written", "no zip file", "an empty file"],
)
def test_an_archive_is_one_delivery_or_none(home: Home, content: bytes, words: str) -> None:
    (refusal,) = deliver(home, content, "a.zip").failed
    assert words in str(refusal)
    assert raw(home) == []


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_refused_whole_loads_nothing_and_says_why_in_the_check_too(home: Home, case: str) -> None:
    content, reason = REFUSED[case]
    (failed,) = deliver(home, content).failed
    assert (failed.reason, failed.do != "", read_ledger(home)) == (reason, True, [])
    assert check_file(home.landing / failed.file, company=COMPANY, home=home).refused == reason


CELLS = {
    ("booked_amount", "1.50000"): "",
    ("booked_amount", " -.5 "): "",
    ("booked_amount", "1.00005"): "has more than 4 decimals",
    ("booked_amount", "1e-9"): "is no number",
    ("booked_amount", "1_000"): "is no number",
    ("booked_amount", "1,000"): "is no number",
    ("booked_amount", "."): "is no number",
    ("booked_amount", "123456789012345"): "has more than 14 digits before the point",
    ("order_line_id", "  "): "is required and empty",
    ("ordered_on", " "): "is required and empty",
    ("ordered_on", "31/01/2026"): "is no date like 2024-01-31",
    ("term_months", "1.5"): "is no whole number",
}


@pytest.mark.parametrize(("column", "cell"), CELLS)
def test_a_cell_is_what_its_column_declares_or_forbids_the_delivery(home: Home, column: str, cell: str) -> None:
    told = "" if cell.strip() == "" else f": {cell!r}"
    reason = CELLS[column, cell]
    failed = deliver(home, order_lines({column: cell}), entity="order_line").failed
    assert [one.reason for one in failed] == ([f"line 2: `{column}` {reason}{told}"] if reason else [])


SCALES = {
    ("decimal(24,12)", "0.000000000001"): None,
    ("decimal(24,12)", "0.0000000000001"): "has more than 12 decimals",
    ("decimal(9, 4)", "-100000"): "has more than 5 digits before the point",
    ("decimal(18,0)", "2.0"): None,
    ("decimal(18,0)", "2.5"): "has more than 0 decimals",
}


@pytest.mark.parametrize(("data_type", "cell"), SCALES)
def test_how_many_decimals_a_number_may_have_is_read_from_its_type(data_type: str, cell: str) -> None:
    predicate, words = uncastable_sql("cell", data_type), uncastable_words_sql("cell", data_type)
    assert not set("${}") & set(predicate), "it passes through templates"
    assert duckdb.execute(f"select {words} from (select ? as cell) where {predicate}", [cell]).fetchone() == (
        SCALES[data_type, cell] and (SCALES[data_type, cell],)
    )


def test_two_cells_that_forbid_a_delivery_are_counted_and_the_file_that_lists_them_is_named(home: Home) -> None:
    (failed,) = deliver(home, order_lines({"booked_amount": "x"}, {"booked_amount": "y"}), entity="order_line").failed
    assert failed.reason.endswith("(and 1 more cell)")
    path = home.failed / "deliveries" / f"{failed.file}.json"
    assert str(path) in failed.do
    assert [one["line"] for one in json.loads(path.read_text())["lines"]] == [2, 3]


def order_lines(*changes: dict[str, str]) -> bytes:
    row = {"order_line_id": "1", "order_id": "1", "account_id": "a", "ordered_on": "2026-01-01", "booked_amount": "1.5", "currency": "EUR"}
    names = [column.name for column in standard_entities()["order_line"].columns]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | change for change in changes)
    return text.getvalue().encode()


def test_an_extract_date_long_before_any_system_is_refused(home: Home) -> None:
    (failed,) = deliver(home, PLAIN, date="0001-01-01").failed
    assert "0001-01-01 is before 1990-01-01" in failed.reason
    assert deliver(home, PLAIN, date="1990-01-01").loaded


def test_what_can_not_be_read_to_an_end_is_refused_and_stops_no_other_file(home: Home, tmp_path: Path) -> None:
    deliver(home, PLAIN)
    folder = home.landing / "crm/campaign/2026-01-01"
    os.mkfifo(folder / "pipe.csv")
    (folder / "itself").symlink_to("itself")
    (folder / "up").symlink_to(home.landing / "crm")
    (folder / "pruned.csv").symlink_to(tmp_path / "nowhere")
    failed = {one.file.rpartition("/")[2]: one.reason for one in deliver(home, PLAIN, "b.csv").failed}
    assert set(failed) == {"pipe.csv", "itself", "up"}
    assert "pipe" in failed["pipe.csv"] and "link" in failed["itself"] and "link" in failed["up"]
    assert len(read_ledger(home)) == 2


def test_a_landing_and_folders_in_it_may_be_links(home: Home, tmp_path: Path) -> None:
    (tmp_path / "store/crm").mkdir(parents=True)
    (tmp_path / "campaigns").mkdir()
    home.root.mkdir()
    home.landing.symlink_to(tmp_path / "store")
    (home.landing / "crm/campaign").symlink_to(tmp_path / "campaigns")
    assert [one.file for one in deliver(home, PLAIN).loaded] == ["crm/campaign/2026-01-01/a.csv"]


def test_any_text_comes_back_as_it_was_delivered(home: Home) -> None:
    """Against Python's own csv module, on random texts full of what breaks CSV."""
    chance = random.Random(7)
    alphabet = ["a", "é", "日", ",", '"', "\n", "'", " ", "#", "\\", ";", "\t"]
    for number in range(60):
        rows = [(str(line), "x" + "".join(chance.choices(alphabet, k=chance.randrange(9)))) for line in range(chance.randrange(1, 12))]
        # A line break followed by as many commas as a row has looks like a swallowed row, and is refused by design.
        rows = [(key, text if "\n" not in text else text.replace(",", "")) for key, text in rows]
        text = io.StringIO()
        csv.writer(text, lineterminator=chance.choice(["\n", "\r\n"])).writerows([("campaign_id", "campaign_name"), *rows])
        intake = deliver(home, text.getvalue().encode(), f"{number:02}.csv", f"2026-01-{1 + number % 28:02}")
        assert intake.failed == (), text.getvalue()
        with duckdb.connect() as connection:
            create_raw_schema(connection, home, COMPANY)
            found = connection.sql(
                f"select campaign_id, campaign_name from raw.standard__campaign where _file like '%/{number:02}.csv' order by _line"
            ).fetchall()
        assert found == rows


def test_a_large_file_with_a_broken_share_below_one_percent_is_taken_and_above_is_not(home: Home) -> None:
    good = b"".join(b"%d,x\n" % number for number in range(2000))
    assert deliver(home, HEADER + good + b"broken\n" * 20).failed == ()
    (failed,) = deliver(home, HEADER + good + b"broken\n" * 21, "b.csv").failed
    assert "21" in failed.reason
    assert [one.rejected for one in read_ledger(home)] == [20]


def test_the_last_bytes_under_a_name_count_also_when_old_ones_come_back(home: Home) -> None:
    first, second = HEADER + b"1,one\n", HEADER + b"1,uno\n"
    for content, name in ((first, "one"), (second, "uno"), (first, "one")):
        deliver(home, content)
        assert raw(home) == [("1", name, 2)]
    assert sorted(one.state for one in read_ledger(home)) == ["loaded", "superseded"]


def test_the_same_bytes_load_once_on_a_date_and_again_on_another(home: Home) -> None:
    content = HEADER + b"1,one\n"
    deliver(home, content, "a.csv")
    deliver(home, content, "b.csv")
    deliver(home, content, "a.csv", "2026-01-02")
    assert raw(home, "campaign_id, cast(_extract_date as varchar)") == [("1", "2026-01-01"), ("1", "2026-01-02")]
    assert sorted(one.state for one in read_ledger(home)) == ["loaded", "loaded", "repeated"]
    assert sum(one.lines for one in read_ledger(home)) == sum(one.loaded + one.rejected for one in read_ledger(home))


def test_a_file_that_vanishes_deletes_nothing_and_a_known_one_is_not_read_again(home: Home) -> None:
    deliver(home, HEADER + b"1,one\n")
    assert take_in(home, COMPANY, TODAY).unchanged == 1
    (home.landing / "crm/campaign/2026-01-01/a.csv").unlink()
    again = take_in(home, COMPANY, TODAY)
    assert (again.loaded, again.failed, raw(home)) == ((), (), [("1", "one", 2)])


def test_a_ledger_entry_that_was_never_written_is_made_good(home: Home) -> None:
    """A kill between the rows and the ledger: the rows lie there, nobody counts them, and the next run loads the file anew."""
    deliver(home, HEADER + b"1,one\n")
    (entry,) = home.raw.rglob("*.json")
    entry.unlink()
    assert raw(home) == []
    assert len(take_in(home, COMPANY, TODAY).loaded) == 1
    assert raw(home) == [("1", "one", 2)]


def test_rows_that_a_kill_left_under_a_name_that_counts_no_more_get_the_name_that_does(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the last entry and the rows' new name: nothing is new on the next run, and they are told under the right one all the same."""
    for name in ("a.csv", "b.csv"):
        deliver(home, HEADER + b"1,one\n", name)
    with monkeypatch.context() as killed:
        killed.setattr(Loader, "mend_names", lambda _: None)
        deliver(home, HEADER + b"2,two\n", "a.csv")
    assert take_in(home, COMPANY, TODAY).loaded == ()
    assert raw(home, "campaign_id, _file") == [("2", "crm/campaign/2026-01-01/a.csv"), ("1", "crm/campaign/2026-01-01/b.csv")]


@pytest.mark.parametrize("small_bytes", [0, 1_000_000], ids=["each by itself", "together"])
def test_of_files_that_come_together_a_bad_cell_refuses_its_own_alone(home: Home, monkeypatch: pytest.MonkeyPatch, small_bytes: int) -> None:
    """A key of nothing but a blank, one of those beyond ASCII too. The others are read beside it, and loaded in the order of their names."""
    monkeypatch.setattr(batch, "_SMALL_BYTES", small_bytes)
    contents = {"a.csv": b"1,one\n", "b.csv": b"2,two\n ,blank\n", "c.csv": b"3,three\n", "d.csv": "\u00a0,no break\n".encode(), "e.csv": b"!,mark\n~,wave\n"}
    folder = home.landing / "crm/campaign/2026-01-01"
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(HEADER + content)
    found = take_in(home, COMPANY, TODAY)
    assert [(one.file[-5:], one.reason) for one in found.failed] == [
        ("b.csv", "line 3: `campaign_id` is required and empty"),
        ("d.csv", "line 2: `campaign_id` is required and empty"),
    ]
    assert [(one.name, one.sequence) for one in found.loaded] == [("a.csv", 1), ("c.csv", 2), ("e.csv", 3)]
    assert raw(home) == [("1", "one", 2), ("3", "three", 2), ("!", "mark", 2), ("~", "wave", 3)]


def test_the_same_bytes_under_two_names_that_come_together_count_once(home: Home) -> None:
    folder = home.landing / "crm/campaign/2026-01-01"
    folder.mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(HEADER + b"1,one\n")
    take_in(home, COMPANY, TODAY)
    assert [(one.name, one.state, one.lines) for one in read_ledger(home)] == [("a.csv", "loaded", 1), ("b.csv", "repeated", 0)]
    assert raw(home) == [("1", "one", 2)]


def test_a_clock_that_was_set_back_refuses_what_is_new_and_nothing_that_is_held(home: Home) -> None:
    deliver(home, HEADER + b"1,one\n")
    long_ago = dt.date(2000, 1, 1)
    assert take_in(home, COMPANY, long_ago) == Intake((), (), 1)
    ahead = home.landing / "crm/campaign/2026-01-02/a.csv"
    ahead.parent.mkdir()
    ahead.write_bytes(HEADER + b"2,two\n")
    assert [one.extract_date for one in take_in(home, COMPANY, long_ago).failed] == ["2026-01-02"]


def test_what_is_not_there_yet_is_left_alone(home: Home) -> None:
    deliver(home, b"half", "a.csv.part")
    assert deliver(home, b"half", ".a.csv") == Intake((), (), 0)


def test_a_column_that_nobody_needs_is_named_and_not_kept(home: Home) -> None:
    deliver(home, b"campaign_id,campaign_name,birth_date\n1,one,1990-05-17\n")
    assert read_ledger(home)[0].undeclared_columns == ("birth_date",)
    assert b"1990-05-17" not in b"".join(path.read_bytes() for path in home.raw.rglob("*") if path.is_file())


ACCOUNTS = replace(COMPANY, sources={"crm": Source("crm", "standard", {"account": "snapshot"})})
ACCOUNT_COLUMNS = [column.name for column in standard_entities()["account"].columns]
ACCOUNT_COLUMNS_OF_BEFORE = [name for name in ACCOUNT_COLUMNS if name != "merged_into_account_id"]


def deliver_account(home: Home, date: str, columns: list[str]) -> list[tuple[str, str]]:
    """What failed of a night that finds one more file of accounts: file and reason."""
    path = home.landing / "crm/account" / date / "a.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = {"account_id": "a", "account_name": "A", "merged_into_account_id": "b", "Merged into Account ID": "b"}
    path.write_text(",".join(columns) + "\n" + ",".join(cells.get(name, "") for name in columns) + "\n")
    return failed_accounts(home)


def failed_accounts(home: Home) -> list[tuple[str, str]]:
    return [(failed.file, failed.reason) for failed in take_in(home, ACCOUNTS, TODAY).failed]


def test_a_column_that_the_contract_got_later_may_be_missing_until_it_came(home: Home) -> None:
    """An upgrade fails no delivery of before; a column that is misspelt does."""
    assert deliver_account(home, "2025-01-02", ACCOUNT_COLUMNS_OF_BEFORE) == []
    assert deliver_account(home, "2025-01-03", ACCOUNT_COLUMNS) == []
    assert deliver_account(home, "2025-01-01", ACCOUNT_COLUMNS_OF_BEFORE) == []
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, ACCOUNTS)
        found = connection.sql("select cast(_extract_date as varchar), merged_into_account_id from raw.standard__account order by 1").fetchall()
    assert found == [("2025-01-01", None), ("2025-01-02", None), ("2025-01-03", "b")]
    [(_, reason)] = deliver_account(home, "2024-12-31", [*ACCOUNT_COLUMNS_OF_BEFORE, "Merged into Account ID"])
    assert "'Merged into Account ID' looks like merged_into_account_id" in reason


@pytest.mark.parametrize("days", [("2025-01-01", "2025-02-01"), ("2025-02-01", "2025-01-01")])
def test_a_column_that_came_and_is_gone_fails_each_night_whatever_arrived_first(home: Home, days: tuple[str, str]) -> None:
    failed = [deliver_account(home, day, ACCOUNT_COLUMNS if day == "2025-01-01" else ACCOUNT_COLUMNS_OF_BEFORE) for day in days]
    gone = "crm/account/2025-02-01/a.csv"
    told = [(gone, "the header has no column `merged_into_account_id`, which an extract of 2025-01-01 has")]
    assert failed == [[], told]
    assert failed_accounts(home) == told, "nothing new came, and it is still so"
    assert (home.failed / f"deliveries/{gone}.json").is_file()
    assert [one.file for one in unsaid(home.as_known(dt.date(2025, 2, 1)), ACCOUNTS)] == [gone]
    assert unsaid(home.as_known(dt.date(2025, 1, 31)), ACCOUNTS) == ()
    assert take_in(home, ACCOUNTS, TODAY, only_assets=["raw_crm__account"], only_dates=[dt.date(2025, 1, 1)]).failed == (), "another date was asked for"

    narrowed = replace(ACCOUNTS, sources={"crm": replace(ACCOUNTS.sources["crm"], columns={"account": tuple(ACCOUNT_COLUMNS_OF_BEFORE)})})
    assert take_in(home, narrowed, TODAY).failed == (), "it was said that the column no longer comes"
    (home.landing / gone).unlink()
    assert failed_accounts(home) == told
    withdraw(home, gone)
    assert failed_accounts(home) == []
    assert deliver_account(home, "2025-02-01", ACCOUNT_COLUMNS) == []


def test_what_is_only_added_to_can_be_no_snapshot(home: Home) -> None:
    """Nothing would end what the next file lacks: an activity has no history."""
    company = replace(COMPANY, sources={"crm": Source("crm", "standard", {"account": "snapshot", "activity": "snapshot"})})
    with pytest.raises(ConfigurationError, match=r"company\.toml: `sources\.crm\.entities\.activity` is 'snapshot', .* → write activity = \"delta\"$"):
        take_in(home, company, TODAY)
    assert [one.name for one in standard_entities().values() if one.is_appended] == ["activity"]


def test_a_filled_template_loads(home: Home, tmp_path: Path) -> None:
    paths = {path.stem: path for path in write_templates(tmp_path / "templates")}
    assert set(paths) == set(standard_entities())
    names = [column.name for column in standard_entities()["order_line"].columns]
    row = {"order_line_id": "1", "order_id": "1", "account_id": "a", "ordered_on": "2026-01-01", "booked_amount": "1.5", "currency": "EUR"}
    filled = paths["order_line"].read_text() + ",".join(row.get(name, "") for name in names) + "\n"
    assert filled.startswith("#")
    intake = deliver(home, filled.encode(), entity="order_line")
    assert intake.failed == () and [one.loaded for one in intake.loaded] == [1]


def test_an_empty_template_is_a_header_and_no_line(home: Home, tmp_path: Path) -> None:
    (path,) = write_templates(tmp_path, ["order_line"])
    intake = deliver(home, path.read_bytes(), entity="order_line")
    assert [(one.lines, one.loaded) for one in intake.loaded] == [(0, 0)]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("", "1 of 1 line would be loaded"),
        ("currency", "currency"),
        ("ordered_on", "ordered_on"),
        ("broken", "1 rejected"),
    ],
)
def test_the_dry_check_says_what_would_happen_and_leaves_nothing(home: Home, tmp_path: Path, damage: str, words: str) -> None:
    row = {"order_line_id": "1", "order_id": "1", "account_id": "a", "ordered_on": "2026-01-01", "booked_amount": "1.5", "currency": "EUR"}
    row |= {damage: "nonsense"} if damage in row else {}
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n" + ("broken\n" if damage == "broken" else "")
    path = tmp_path / "orders of january.csv"
    path.write_text(text)
    company = Company(**{**COMPANY.__dict__, "sources": {"crm": Source("crm", "standard", {"order_line": "delta"}, {"order_line": tuple(row)})}})
    assert words in check_file(path, "order_line", company).to_text()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_no_cell_of_pay_or_a_person_stands_in_a_refusal(home: Home) -> None:
    company = Company(**{**COMPANY.__dict__, "sources": {"payroll": Source("payroll", "standard", {"pay_item": "delta"})}})
    names = [column.name for column in standard_entities()["pay_item"].columns]
    row = {"employee_number": "1", "period_start_on": "2026-01-01", "item_code": "s", "component": "base", "pay_amount": "4,200.00 €", "currency": "EUR"}
    path = home.landing / "payroll/pay_item/2026-01-31/pay.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([names, [row.get(name, "") for name in names]])
    (failed,) = take_in(home, company, TODAY).failed
    assert "pay_amount" in failed.reason and "line 2" in failed.reason
    kept = "".join(one.read_text() for one in home.failed.rglob("*.json"))
    assert "pay_amount" in kept
    assert "4,200" not in failed.reason + failed.do + kept


def test_a_withdrawn_delivery_is_kept_counts_nowhere_and_comes_back_with_its_bytes(home: Home) -> None:
    file = "crm/campaign/2026-01-01/a.csv"
    deliver(home, HEADER + b"1,one\n")
    with pytest.raises(ConfigurationError, match="still lies in the landing"):
        withdraw(home, file)
    (home.landing / file).unlink()
    gone = withdraw(home, str(home.landing / file))
    assert (gone.state, gone.lines, gone.loaded, gone.parquet(home).is_file()) == ("withdrawn", 1, 1, True)
    assert raw(home) == []
    assert take_in(home, COMPANY, TODAY).loaded == ()
    with pytest.raises(ConfigurationError, match="was withdrawn already"):
        withdraw(home, file)
    assert [one.state for one in deliver(home, HEADER + b"1,one\n").loaded] == ["loaded"]
    assert raw(home) == [("1", "one", 2)]


def test_bytes_withdrawn_under_one_name_still_count_under_the_other(home: Home) -> None:
    deliver(home, HEADER + b"1,one\n", "a.csv")
    deliver(home, HEADER + b"1,one\n", "b.csv")
    (home.landing / "crm/campaign/2026-01-01/a.csv").unlink()
    assert withdraw(home, "crm/campaign/2026-01-01/a.csv").same_as == "crm/campaign/2026-01-01/b.csv"
    assert raw(home, "campaign_id, _file") == [("1", "crm/campaign/2026-01-01/b.csv")]
    assert [one.state for one in read_ledger(home)] == ["withdrawn", "loaded"]


def test_a_withdrawn_name_does_not_bring_back_what_it_meant_before(home: Home) -> None:
    deliver(home, HEADER + b"1,one\n")
    deliver(home, HEADER + b"2,two\n")
    (home.landing / "crm/campaign/2026-01-01/a.csv").unlink()
    withdraw(home, "crm/campaign/2026-01-01/a.csv")
    assert raw(home) == []
    assert sorted(one.state for one in read_ledger(home)) == ["superseded", "withdrawn"]


def test_what_was_never_loaded_cannot_be_withdrawn(home: Home) -> None:
    deliver(home, HEADER + b"1,one\n")
    with pytest.raises(ConfigurationError, match=r"^crm/campaign/2026-01-01/b\.csv: no delivery of this name was ever loaded → "):
        withdraw(home, "crm/campaign/2026-01-01/b.csv")
