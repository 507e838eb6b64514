"""One writer at a time, whoever it is and however it ends."""

import fcntl
import os
import signal
import subprocess
import sys

import pytest

from orchestration.errors import RepledgerError
from orchestration.lock import is_locked, nightly_lock
from orchestration.settings import Home

_HOLD = "import sys; from pathlib import Path; from orchestration.lock import nightly_lock; from orchestration.settings import Home\n"
_HOLD += "with nightly_lock(Home(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", _HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_told_at_once_who_holds_it(tmp_path, holder):
    with pytest.raises(RepledgerError, match=rf"another nightly is running \(pid {holder.pid}\)"), nightly_lock(Home(tmp_path)):
        pass


def test_a_killed_holder_leaves_no_lock(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with nightly_lock(Home(tmp_path)):
        assert (tmp_path / ".work" / "lock").read_text() == f"{os.getpid()}\n"


def test_the_process_that_has_it_may_take_it_again_and_keeps_it_until_the_outer_end(tmp_path):
    home = Home(tmp_path)
    with nightly_lock(home):
        with nightly_lock(home):
            pass
        second = subprocess.run([sys.executable, "-c", _HOLD, tmp_path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert "another nightly is running" in second.stderr
    third = subprocess.run([sys.executable, "-c", _HOLD, tmp_path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert third.stdout == "held\n"


def test_a_lock_that_was_given_back_is_nobodys_even_while_its_process_lives(tmp_path, holder):
    assert is_locked(Home(tmp_path))
    holder.communicate()
    with nightly_lock(Home(tmp_path)):
        assert is_locked(Home(tmp_path))
    assert not is_locked(Home(tmp_path))


def test_a_number_that_a_killed_holder_left_is_no_lock_though_another_process_has_it_now(tmp_path):
    """In a container it is the same number after each start."""
    (tmp_path / ".work").mkdir()
    (tmp_path / ".work" / "lock").write_text(f"{os.getpid()}\n")
    assert not is_locked(Home(tmp_path))


def test_a_look_at_the_lock_stops_no_nightly_that_starts_in_that_instant(tmp_path, monkeypatch):
    (tmp_path / ".work").mkdir()
    with (tmp_path / ".work" / "lock").open("w") as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        monkeypatch.setattr("orchestration.lock.time.sleep", lambda _: fcntl.flock(look, fcntl.LOCK_UN))
        with nightly_lock(Home(tmp_path)):
            assert is_locked(Home(tmp_path))
    assert not is_locked(Home(tmp_path))


def test_a_home_that_is_no_folder_is_one_clear_line(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(RepledgerError, match="can't be written to"), nightly_lock(Home(tmp_path / "home")):
        pass
