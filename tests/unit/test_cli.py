"""What a person meets at the prompt: exit codes, one line for an error, an answer at once."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration import cli
from orchestration.errors import BuildError, ConfigurationError

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


@pytest.mark.parametrize("arguments", [[], ["fly"], ["nightly", "--hoem", "x"], ["check"], ["demo", "--reps", "-1"], ["demo", "--years", "two"]])
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
    assert error == f"repledger: ZeroDivisionError (a bug, or a disk that is full) → the traceback is in {tmp_path}/.work/last_error.txt\n"
    assert "cell 47110815" in (tmp_path / ".work" / "last_error.txt").read_text()


def test_init_makes_a_private_home_that_status_reads_and_never_overwrites_one(tmp_path, capsys):
    home = tmp_path / "home"
    assert cli.run(["init", "--home", str(home)]) == 0
    assert {path.name for path in home.iterdir()} == {"landing", "raw", "failed", "published", ".work", "company.toml"}
    assert {path.stat().st_mode & 0o077 for path in home.iterdir()} == {0}
    capsys.readouterr()
    assert cli.run(["status", "--home", str(home), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["deliveries"], shown["publication"], shown["last_night"]) == ([], None, None)
    (home / "company.toml").write_text("mine")
    assert cli.run(["init", "--home", str(home)]) == 2
    assert (home / "company.toml").read_text() == "mine"
