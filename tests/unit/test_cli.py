"""What a person meets at the prompt: exit codes, one line for an error, an answer at once."""

import errno
import importlib.metadata
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from orchestration import cli
from orchestration.errors import BuildError, ConfigurationError, GateError
from orchestration.nightly import _remember
from orchestration.settings import Home
from tests.pipeline.small_company import new_company

_REPLEDGER = Path(sys.executable).with_name("repledger")


def test_help_answers_at_once_and_imports_nothing_heavy():
    heavy = "dagster, dbt, duckdb, great_expectations, pandas, pyarrow, yaml"
    code = f"import sys; from orchestration import cli; cli.run(['--help']); print([n for n in '{heavy}'.split(', ') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    assert "nightly" in done.stdout


def test_help_takes_less_than_a_third_of_a_second():
    def seconds():
        start = time.perf_counter()
        subprocess.run([_REPLEDGER, "--help"], capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.3


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["nightly", "--hoem", "x"], ["check"], ["demo", "--reps", "-1"], ["demo", "--rep", "9"], ["demo", "--years", "two"]]
)
def test_wrong_use_is_2(arguments, capsys):
    assert cli.run(arguments) == 2
    assert "repledger" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["nightly", "status"])
def test_a_home_without_settings_is_2_one_line_and_stays_unwritten(command, tmp_path, capsys):
    assert cli.run([command, "--home", str(tmp_path / "nobody")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("repledger: ")
    assert error.count("\n") == 1
    assert "there is no company.toml" in error
    assert not (tmp_path / "nobody").exists()


@pytest.mark.parametrize(("error", "code"), [(BuildError("broken\nin two lines", where="model a", do="mend it"), 1), (ConfigurationError("wrong"), 2)])
def test_an_error_that_a_user_can_mend_is_one_line_with_its_code(error, code, tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(cli, "_init", fail)
    assert cli.run(["init", "--home", str(tmp_path)]) == code
    assert capsys.readouterr().err == f"repledger: {' '.join(error.line.split())}\n"


def test_a_bug_is_one_line_that_says_where_its_traceback_is(tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("cell 47110815")

    monkeypatch.setattr(cli, "_init", fail)
    assert cli.run(["init", "--home", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error == f"repledger: ZeroDivisionError, a bug → the traceback is in {tmp_path}/.work/last_error.txt\n"
    kept = (tmp_path / ".work" / "last_error.txt").read_text()
    assert "in fail" in kept and "ZeroDivisionError: cell …" in kept
    assert "cell 47110815" not in kept.replace('("cell 47110815")', "")


def _full_disk_of_a_database() -> NoReturn:
    try:
        raise sqlite3.OperationalError("database or disk is full")
    except sqlite3.OperationalError as error:
        raise RuntimeError("[SQL: insert into event_logs]") from error


def _full_disk_of_a_file() -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("fail", [_full_disk_of_a_file, _full_disk_of_a_database])
def test_a_full_disk_is_named_whatever_library_met_it(fail, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cli, "_init", lambda *_: fail())
    assert cli.run(["init", "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"repledger: {tmp_path}: the disk is full → make room there")
    assert not (tmp_path / ".work").exists()


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "published/x"), "published/x"),
        (OSError(errno.EROFS, "Read-only file system", "x"), "x"),
        (sqlite3.OperationalError("attempt to write a readonly database"), None),
    ],
)
def test_a_closed_folder_is_named_and_is_no_bug(error, where, tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(cli, "_init", fail)
    assert cli.run(["init", "--home", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"repledger: {where or tmp_path}: this user may not read or write it → give this user the right")


def test_details_stand_before_the_one_line_and_the_command_is_called_as_it_was(tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise GateError("it failed", where="gate", do="run `repledger nightly`", details=["gate: 2 checks failed", "  a", "  b"])

    monkeypatch.setattr(cli, "_init", fail)
    monkeypatch.setattr(sys, "argv", [".venv/bin/repledger"])
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["init"]) == 1
    assert capsys.readouterr().err.splitlines() == ["gate: 2 checks failed", "  a", "  b", "repledger: gate: it failed → run `.venv/bin/repledger nightly`"]


@pytest.mark.parametrize(
    ("home", "named"), [("../acme", " --home ../acme"), ("../my acme", " --home '../my acme'"), ("home", ""), ("./home/", ""), ("../here/home", "")]
)
def test_a_hint_names_the_home_that_was_given(home, named, tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise GateError("see `fct_seat`", do="see `repledger template`; run `repledger init --home DIR`, then `repledger status --json`")

    monkeypatch.setattr(cli, "_init", fail)
    monkeypatch.setattr(sys, "argv", ["/opt/repledger"])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert cli.run(["init", "--home", home]) == 1
    called = "/opt/repledger"
    hint = f"see `{called} template`; run `{called} init --home DIR`, then `{called} status --json{named}`"
    assert capsys.readouterr().err == f"repledger: see `fct_seat` → {hint}\n"


def test_what_status_tells_of_the_last_night_can_be_pasted_too(tmp_path, capsys):
    home = Home(tmp_path / "acme")
    cli.run(["init", "--home", str(home.root)])
    _remember(home, "failed", "gate: it failed → run `repledger nightly` again", ())
    capsys.readouterr()
    assert cli.run(["status", "--home", str(home.root)]) == 0
    assert f"run `repledger nightly --home {home.root}` again" in capsys.readouterr().out
    assert cli.run(["status", "--json", "--home", str(home.root)]) == 0
    assert "run `repledger nightly` again" in json.loads(capsys.readouterr().out)["last_night"]["reason"]


def test_a_port_that_is_taken_is_2_before_anything_starts(tmp_path, capsys):
    cli.run(["init", "--home", str(tmp_path)])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert cli.run(["ui", "--home", str(tmp_path), "--port", str(taken.getsockname()[1])]) == 2
    assert "can't be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "command", "why"),
    [
        ("e[1]", "ui", "a pattern, and lose the settings that keep its telemetry off"),
        ("a*b", "ui", "a pattern, and lose the settings that keep its telemetry off"),
        ("a?b", "ui", "a URL, and keep its history elsewhere"),
        ("a?b", "init", "a URL, and keep its history elsewhere"),
        ("a?b", "demo", "a URL, and keep its history elsewhere"),
        ("a?b", "nightly", "a URL, and keep its history elsewhere"),
        ("a%20b", "nightly", "a URL, and keep its history elsewhere"),
    ],
)
def test_a_home_whose_path_dagster_would_misread_is_2_before_anything_starts(name, command, why, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it was served"))
    home = tmp_path / name / "home"
    if command in ("ui", "nightly"):
        new_company(home)
    assert cli.run([command, "--home", str(home)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"repledger: {home}: the path of the home holds") and why in line


@pytest.mark.parametrize(
    ("line", "wrong", "key"),
    [
        ('name = "Example Company"', 'name = " "', "`name`"),
        ('reporting_currency = "USD"', 'reporting_currency = "XXZ"', "`reporting_currency`"),
        ('name = "Example Company"', 'name = "Example Company"\nroles_without_credit = ["SDR", " "]', "`roles_without_credit`"),
        ('name = "Example Company"', 'name = "Example Company"\ncontract_measure = "hoped for"', "choose one of revenue, acv, booked, recognised"),
        ('name = "Example Company"', 'name = "Example Company"\nfiscal_calendar = " 445"', "`fiscal_calendar` is ' 445'"),
        ("[sources.crm.entities]", '[sources.crm.entities]\nfiscal_calendar = "445"', "key of that name stands at the top"),
        ('name = "Example Company"', 'name = "Example Company"\nleave_types = ["parental", " "]', "`leave_types`"),
        ('cost_bases = ["actual"]', 'cost_bases = ["actual", "budget"]', "`cost_bases` names 'budget'"),
        ("[sources.crm.entities]", "[sources.crm.entities]\ndrift_accepted_on = 2026-04-30", "`drift_accepted_on` stands under [sources.crm.entities]"),
        ("[sources.crm.entities]", "time_zone = 'UTC'\n[sources.crm.entities]", "`time_zone` stands under [sources.crm]"),
        ("[sources.crm]", "[retention]\ndrift_accepted_on = 2026-04-30\n[sources.crm]", "`drift_accepted_on` stands under [retention]"),
        ("[sources.crm.entities]", 'entities = "ab"\n[sources.more.entities]', "`sources.crm.entities` must be a table"),
        ("[sources.crm.entities]", "columns = 3\n[sources.crm.entities]", "`sources.crm.columns` must be a table"),
        (
            "[sources.crm.entities]",
            '[sources.crm.columns]\norder_line = "order_line"\n[sources.crm.entities]',
            "`sources.crm.columns.order_line` must be a list",
        ),
    ],
)
def test_a_setting_that_is_wrong_is_2_and_its_key_is_named(line, wrong, key, tmp_path, capsys):
    cli.run(["init", "--home", str(tmp_path)])
    text = (tmp_path / "company.toml").read_text()
    assert line in text
    (tmp_path / "company.toml").write_text(text.replace(line, wrong, 1))
    assert cli.run(["status", "--home", str(tmp_path)]) == 2
    assert key in capsys.readouterr().err


FROM_B, FROM_C = 'takes_over_from = "b"', 'takes_over_from = "c"'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"a": "takes_over_on = 2024-04-01"}, "`sources.a.takes_over_from` must name a source"),
        ({"a": FROM_B}, "`sources.a.takes_over_on` must be a date"),
        ({"a": f'{FROM_B}\ntakes_over_on = "2024-04-01"'}, "`sources.a.takes_over_on` must be a date"),
        ({"a": f"{FROM_B}\ntakes_over_on = 2024-04-01T00:00:00"}, "`sources.a.takes_over_on` must be a date"),
        ({"a": 'takes_over_from = "x"\ntakes_over_on = 2024-04-01'}, "`sources.a.takes_over_from` is 'x', which is no other source"),
        ({"b": f"{FROM_B}\ntakes_over_on = 2024-04-01"}, "`sources.b.takes_over_from` is 'b', which is no other source"),
        (dict.fromkeys("ac", f"{FROM_B}\ntakes_over_on = 2024-04-01"), "`sources.c.takes_over_from` is 'b', and so is that of a"),
        (
            {"a": f"{FROM_B}\ntakes_over_on = 2024-04-01", "b": f"{FROM_C}\ntakes_over_on = 2024-04-01"},
            "`sources.a.takes_over_from` is 'b', which answers only from 2024-04-01",
        ),
    ],
)
def test_a_takeover_that_leaves_a_day_with_two_answers_or_none_is_2_and_named(lines, said, tmp_path, capsys):
    sources = "".join(f'\n[sources.{name}]\nconnector = "standard"\n{lines.get(name, "")}\n[sources.{name}.entities]\naccount = "snapshot"\n' for name in "abc")
    cli.run(["init", "--home", str(tmp_path)])
    text = (tmp_path / "company.toml").read_text()
    (tmp_path / "company.toml").write_text(text[: text.index("\n[sources.")] + sources)
    assert cli.run(["status", "--home", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_the_version_is_told(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"repledger {importlib.metadata.version('repledger')}\n"


def test_paths_in_messages_are_plain(tmp_path, capsys):
    assert cli.run(["status", "--home", f"{tmp_path}/a/../b"]) == 2
    assert f"repledger: {tmp_path}/b/company.toml: there is no company.toml" in capsys.readouterr().err


def test_init_makes_a_private_home_that_status_reads_and_never_overwrites_one(tmp_path, capsys):
    home = tmp_path / "home"
    assert cli.run(["init", "--home", str(home)]) == 0
    assert {path.name for path in home.iterdir()} == {"landing", "raw", "failed", "published", ".work", "company.toml", ".gitignore"}
    assert {path.stat().st_mode & 0o077 for path in home.iterdir()} == {0}
    capsys.readouterr()
    assert cli.run(["status", "--home", str(home), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["deliveries"], shown["publication"], shown["last_night"]) == ([], None, None)
    (home / "company.toml").write_text("mine")
    assert cli.run(["init", "--home", str(home)]) == 2
    assert (home / "company.toml").read_text() == "mine"
