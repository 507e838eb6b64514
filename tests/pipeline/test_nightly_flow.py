"""Whole nights as the command runs them: what readers see changes at once or not at all."""

import ctypes
import json
import os
import re
import subprocess
import sys
import time

import duckdb
import pytest

from orchestration import cli
from orchestration.lock import nightly_lock
from orchestration.publication import manifest
from orchestration.settings import Home
from tests.laws.test_models import BY_RULE, GUARDED, described_columns
from tests.pipeline.conftest import bytes_below, repledger
from tests.pipeline.published_files import sha256_on_disk
from tests.pipeline.small_company import nightly

_CAP_DAC_OVERRIDE, _PR_CAPBSET_DROP = 1, 24


def _status(home):
    return json.loads(repledger("status", "--json", home=home).stdout)


def _account_files(home):
    return sorted((home.landing / "crm" / "account").glob("*/*.csv"))


def test_a_first_night_publishes_what_status_tells_and_everyone_can_find(first_night):
    shown = _status(first_night)
    assert shown["last_night"]["outcome"] == "published"
    assert all(one["lines"] == one["loaded"] + one["rejected"] for one in shown["deliveries"])
    assert {one["state"] for one in shown["deliveries"]} <= {"loaded", "superseded", "repeated"}
    assert {one["file"] for one in shown["deliveries"]} == {path.relative_to(first_night.landing).as_posix() for path in first_night.landing.rglob("*.csv*")}
    published, _ = manifest.current(first_night)
    assert (shown["publication"]["id"], shown["publication"]["sha256"]) == (published.id, published.sha256)
    assert set(shown["publication"]["tables"]) == {path.stem for path in (first_night.published / "parquet").iterdir()}
    assert (first_night.published / "index.html").stat().st_size > 10_000


def test_published_tables_are_the_parquet_files_and_every_column_has_words(first_night):
    published, _ = manifest.current(first_night)
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        mute = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal and comment is null"
        ).fetchall()
        assert mute == []
        for table in published.tables:
            assert sha256_on_disk(table, first_night.published) == table.sha256
            paths = [str(path) for path in table.paths(first_night.published)]
            assert connection.execute(f"select count(*) from (from {table.name} except all from read_parquet({paths}))").fetchone() == (0,), table.name


def test_all_that_a_home_holds_is_for_its_owner_alone(first_night):
    assert [path for path in first_night.root.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077] == []


def test_a_night_without_news_changes_no_published_byte_says_so_and_is_short(home):
    before = bytes_below(home.published)
    start = time.perf_counter()
    done = repledger("nightly", home=home)
    seconds = time.perf_counter() - start
    assert (done.returncode, done.stdout.splitlines()[0][:12]) == (0, "nothing new:")
    assert bytes_below(home.published) == before
    assert seconds < 2
    assert _status(home)["last_night"]["outcome"] == "nothing new"


def test_a_night_without_news_imports_nothing_heavy(home):
    heavy = ("dagster", "dbt", "great_expectations", "pandas")
    code = f"import sys; from orchestration import cli; cli.run(sys.argv[1:]); print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, "nightly", "--home", home.root], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("nothing new")
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_second_nightly_ends_at_once(home):
    before = bytes_below(home.published)
    with nightly_lock(home):
        done = repledger("nightly", home=home)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"repledger: {home.root}: another nightly is running (pid {os.getpid()}) → wait until it has ended\n"
    assert bytes_below(home.published) == before


def test_a_night_that_crashed_is_remembered_with_its_kind(home, monkeypatch, capsys):
    def crash(_):
        raise ZeroDivisionError("of 47110815")

    monkeypatch.setattr("orchestration.nightly._night", crash)
    assert cli.run(["nightly", "--home", str(home.root)]) == 1
    night = _status(home)["last_night"]
    assert night["outcome"] == "failed"
    assert night["reason"].startswith("ZeroDivisionError, a bug → ")


def test_nothing_delivered_yet_is_1_and_one_line(tmp_path):
    home = Home(tmp_path / "home")
    assert cli.run(["init", "--home", str(home.root)]) == 0
    done = repledger("nightly", home=home)
    assert done.returncode == 1
    assert "nothing was delivered yet" in done.stderr.splitlines()[-1]
    assert not (home.published / "current").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="root can only be bound by file modes on Linux")
def test_a_home_that_is_read_only_is_1_one_line_and_stays_as_it_is(home):
    def obey_file_modes():
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)

    before = bytes_below(home.root)
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir() and not path.is_symlink())]
    for folder in folders:
        folder.chmod(0o500)
    (home.work / "lock").chmod(0o400)
    done = repledger("nightly", home=home, preexec_fn=obey_file_modes)
    for folder in folders:
        folder.chmod(0o700)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{home.root}: the home can't be written to" in done.stderr
    assert bytes_below(home.root) == before


def test_a_bad_file_publishes_nothing_and_is_named_until_it_is_replaced_or_gone(home):
    before = bytes_below(home.published)
    good = _account_files(home)[-1]
    bad = good.with_name("half.csv")
    bad.write_text("account_id\nA1\n")
    fine = good.with_name("again.csv")
    fine.write_bytes(good.read_bytes())
    done = repledger("nightly", home=home)
    name = bad.relative_to(home.landing).as_posix()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"repledger: {name}: ")
    assert done.stderr.splitlines()[-1].endswith("nothing was published")
    assert bytes_below(home.published) == before
    states = {one["file"]: one["state"] for one in _status(home)["deliveries"]}
    assert states[name] == "failed"
    assert states[fine.relative_to(home.landing).as_posix()] == "repeated"
    bad.unlink()
    fine.unlink()
    assert "failed" not in {one["state"] for one in _after(home)}


def _after(home):
    """The deliveries after one more night whose building is not at stake here."""
    with nightly_lock(home):
        pass
    code = "import sys; from orchestration import cli, nightly; from orchestration.phases import Run\n"
    code += "nightly._make = lambda run: nightly.published.current(run.home)[0]\nsys.exit(cli.run(['nightly', '--home', sys.argv[1]]))"
    done = subprocess.run([sys.executable, "-c", code, home.root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return _status(home)["deliveries"]


def test_edited_settings_publish_anew(home):
    first, _ = manifest.current(home)
    settings = re.sub(r"constant_currency_on = \S+", "constant_currency_on = 2025-06-02", home.company_file.read_text())
    home.company_file.write_text(settings)
    nightly(home.root)
    second, _ = manifest.current(home)
    assert second.id != first.id
    moved = {one.name for one in first.tables} - {one.name for one in first.tables if one in second.tables}
    assert {"rep_value", "group_value"} <= moved, "cost in euros is told at the rates of that day"
    assert not moved & {"fct_credit", "fct_customer_value", "ratio_bridge"}, "nominal money does not follow it: same input, same bytes"
    assert sorted(path.name for path in (home.published / "publications").iterdir()) == sorted([first.id, second.id])
    home.company_file.write_text(settings + "\n# looked through\n[retention]\nlanding_days = 90\n")
    assert nightly(home.root).startswith("nothing new")


def test_what_is_private_of_the_warehouse_is_tagged_too(first_night):
    """Its columns are more than those with words: a history has all of its entity's, and cost is told in each money."""
    described = described_columns()
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name in ('input', 'core', 'trail', 'main') and not internal"
        ).fetchall()
    untagged = [
        (model, column, tag)
        for model, column in columns
        for tag, called in GUARDED.items()
        if model in described and re.search(called, column) and tag not in described[model].get(column, []) and (model, column) not in BY_RULE
    ]
    assert untagged == []
