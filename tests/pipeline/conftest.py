"""A small simulated company whose first night is over, made once for all tests and copied by each that changes it."""

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from orchestration.explain import explanation
from orchestration.settings import Home
from tests.pipeline import parsed_once

# Two processes run tests on two cores: with one thread each, two small nights take a tenth less than with four.
os.environ.setdefault("REPLEDGER_DBT_THREADS", "1")
REPLEDGER = Path(sys.executable).with_name("repledger")


def repledger(*arguments, home, **how):
    """Run the command as a person would. A night finds the project as another of the same settings has read it."""
    is_night = arguments[0] == "nightly"
    if is_night:
        parsed_once.lend(home)
    done = subprocess.run([REPLEDGER, *arguments, "--home", home.root], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **how)
    if is_night:
        parsed_once.keep(home)
    return done


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """The folder that the processes that run tests side by side have in common."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def parsed(shared):
    """The project is read once for all tests of the same settings, in whichever process they run."""
    parsed_once.keep_in(shared / "parsed")


@pytest.fixture(scope="session")
def first_night(shared):
    """The home after its first night; not to be changed. Shared by the processes that run tests side by side."""
    home = Home(shared / "first_night")
    with (shared / "first_night.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.root.exists():
            making = Home(shared / "first_night_making")
            for command in (("demo", "--reps", "6", "--years", "2", "--activities", "500"), ("nightly",)):
                done = repledger(*command, home=making)
                assert done.returncode == 0, done.stderr
            making.root.rename(home.root)
            making.root.symlink_to(home.root)  # the warehouse's views of raw name where they were made
    return home


@pytest.fixture
def home(first_night, tmp_path):
    """A copy of that home for one test."""
    shutil.copytree(first_night.root, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture
def warehouse_kept_open(first_night):
    """For many cells of the first night: to open its two files takes longer than to explain one. Nobody else may open them meanwhile."""
    opened = explanation._warehouse

    with opened(first_night) as kept:

        @contextmanager
        def _warehouse(home):
            if home != first_night:
                with opened(home) as connection:
                    yield connection
                return
            with kept.cursor() as connection:
                connection.execute("set TimeZone = 'UTC'")
                yield connection

        with mock.patch.object(explanation, "_warehouse", _warehouse):
            yield


def bytes_below(folder):
    """Every file and link below a folder with what it holds and when it was changed."""
    return {
        path.relative_to(folder).as_posix(): path.readlink() if path.is_symlink() else (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }
