"""A night that failed is told by the company's own command, and ends as it ended whatever that command does."""

import datetime as dt
import fcntl
import json
import sys
import time
from dataclasses import replace

import pytest

from orchestration import cli
from orchestration.alerts import Alert, send
from orchestration.errors import ConfigurationError
from orchestration.landing.intake import take_in
from orchestration.settings import Home, read_company
from tests.pipeline.small_company import deliver

_TAKE = "import sys, pathlib; pathlib.Path('told.json').write_text(sys.stdin.read())"
_ALERT = Alert(None, "nightly", "gate: it failed", "/home")


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    cli.run(["init", "--home", str(home.root)])
    return home


def _name(home, *command):
    text = home.company_file.read_text()
    assert "# [alerts]\n# command = " in text
    home.company_file.write_text(text.replace("# [alerts]\n# command = ", f"[alerts]\ncommand = {json.dumps(command)}  #"))


def test_a_night_that_fails_is_told_in_the_line_that_the_command_ends_with(home, capsys):
    _name(home, sys.executable, "-c", _TAKE)
    capsys.readouterr()
    assert cli.run(["nightly", "--home", str(home.root)]) == 1
    line = capsys.readouterr().err.splitlines()[-1].removeprefix("repledger: ")
    told = (home.root / "told.json").read_text()
    assert told.count("\n") == 1
    assert json.loads(told) == {"run_id": None, "job": "nightly", "error": line, "home": str(home.root)}
    assert "nothing was delivered yet" in line


def test_a_bug_is_told_by_its_kind_and_the_run_by_its_id(home, monkeypatch):
    def crash(run):
        run.run_id = "b5"
        raise ZeroDivisionError("of 47110815")

    monkeypatch.setattr("orchestration.nightly._night", crash)
    _name(home, sys.executable, "-c", _TAKE)
    assert cli.run(["nightly", "--home", str(home.root)]) == 1
    told = json.loads((home.root / "told.json").read_text())
    assert (told["run_id"], told["error"]) == ("b5", f"ZeroDivisionError, a bug → the traceback is in {home.root}/.work/last_error.txt")


def test_wrong_use_is_told_to_nobody(home, monkeypatch):
    def refuse(_):
        raise ConfigurationError("wrong")

    monkeypatch.setattr("orchestration.nightly._night", refuse)
    _name(home, sys.executable, "-c", _TAKE)
    assert cli.run(["nightly", "--home", str(home.root)]) == 2
    assert not (home.root / "told.json").exists()


def test_a_look_back_and_a_night_that_another_kept_out_are_told_to_nobody(home, capsys):
    _name(home, sys.executable, "-c", _TAKE)
    assert cli.run(["nightly", "--home", str(home.root), "--as-known-on", "2025-01-31"]) == 1
    assert "nothing was ever loaded" in capsys.readouterr().err
    with home.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711\n")
        lock.flush()
        assert cli.run(["nightly", "--home", str(home.root)]) == 1
    assert "another nightly is running (pid 4711)" in capsys.readouterr().err
    assert not (home.root / "told.json").exists()


def test_a_day_before_the_first_extract_is_wrong_use(home, capsys):
    deliver(home.root, "account", "2025-01-31", [{"account_id": "a"}])
    assert take_in(home, read_company(home), dt.date(2025, 1, 31)).failed == ()
    assert cli.run(["nightly", "--home", str(home.root), "--as-known-on", "2025-01-30"]) == 2
    assert "nothing was known on 2025-01-30: the first extract is of 2025-01-31 → ask for 2025-01-31 or a later day" in capsys.readouterr().err


def test_an_alert_that_fails_is_one_line_more_and_the_outcome_stays(home, capsys):
    _name(home, "/nowhere/alert")
    capsys.readouterr()
    assert cli.run(["nightly", "--home", str(home.root)]) == 1
    problem, line = capsys.readouterr().err.splitlines()[-2:]
    assert problem.startswith("repledger: the alert command /nowhere/alert could not be started (No such file or directory) → ")
    assert "nothing was delivered yet" in line


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with exit code 3"),
        (("/bin/sh", "-c", "sleep 60 & sleep 60"), "did not end within 0.5 s and was killed"),
        (("a\0b",), "could not be started (embedded null byte)"),
        (("/bin/sh", "-c", "exec <&-; sleep 0.1"), ""),
    ],
)
def test_a_command_that_fails_or_hangs_ends_soon_and_is_told(home, command, problem):
    start = time.perf_counter()
    found = send(_ALERT, replace(read_company(home), alert_command=command), home, timeout_seconds=0.5)
    assert time.perf_counter() - start < 5
    assert problem in found
    assert bool(found) == bool(problem)
    assert "\n" not in found


@pytest.mark.parametrize("command", ['"/path/to/script"', "[]", '["mail", 3]', '["", "x"]'])
def test_a_command_that_is_no_list_of_texts_is_refused(home, command):
    with home.company_file.open("a") as file:
        file.write(f"\n[alerts]\ncommand = {command}\n")
    with pytest.raises(ConfigurationError, match=r"`alerts\.command` must be a list of texts"):
        read_company(home)


@pytest.mark.parametrize(("lines", "what"), [("comand = []", "unknown key `alerts.comand`"), ("", "missing key `alerts.command`")])
def test_an_alerts_section_has_one_key(home, lines, what):
    with home.company_file.open("a") as file:
        file.write(f"\n[alerts]\n{lines}\n")
    with pytest.raises(ConfigurationError, match=what):
        read_company(home)
