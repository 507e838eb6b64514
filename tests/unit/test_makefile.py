"""`make run` makes a simulated company where there is none, and never in somebody's home."""

import subprocess

import pytest

from orchestration import cli
from orchestration.settings import PROJECT_DIR


@pytest.mark.parametrize(("is_initialised", "commands"), [(True, ["nightly"]), (False, ["demo", "nightly"])])
def test_a_home_that_awaits_its_first_files_is_told_so_by_the_night(tmp_path, is_initialised, commands):
    home, called = tmp_path / "home", tmp_path / "bin"
    if is_initialised:
        cli.run(["init", "--home", str(home)])
    called.mkdir()
    (called / "repledger").write_text("#!/bin/sh\necho called $1\n")
    (called / "repledger").chmod(0o700)
    make = ["make", "--no-print-directory", "--assume-old=.venv/.ready", "run", f"BIN={called}", f"HOME_DIR={home}"]
    done = subprocess.run(make, cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.split("called ")[1:] == [f"{command}\n" for command in commands]
