"""`make run` makes a simulated company where there is none, and never in somebody's home; no target sets up a Python that the lock doesn't serve."""

import subprocess
import sys

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


@pytest.mark.parametrize(("version", "is_served"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False), ((4, 0), False)])
def test_a_python_that_the_lock_does_not_serve_is_refused_in_words(tmp_path, version, is_served):
    _command(tmp_path / "python", f'exec "{sys.executable}" -c "import sys; sys.version_info = {(*version, 1)}; exec(sys.argv[1])" "$2"')
    for name in ("pip", "python"):
        _command(tmp_path / "bin" / name, "echo $* >> " + str(tmp_path / "set_up"))
    ready = tmp_path / "ready"
    make = ["make", "--no-print-directory", str(ready), f"READY={ready}", f"BIN={tmp_path / 'bin'}", f"PYTHON={tmp_path / 'python'}"]
    done = subprocess.run(make, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode == 0, ready.exists(), (tmp_path / "set_up").exists()) == (is_served,) * 3
    assert ("→ install Python 3.11 to 3.13, or say make PYTHON=python3.12" in done.stderr) is not is_served


def _command(path, line):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o700)
