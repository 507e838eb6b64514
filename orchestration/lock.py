"""One writer at a time: a lock file in the home, held by the command, the UI and the schedule alike.

Belongs here: taking, naming and giving back the lock, and what having it allows: to read the ledger once. Doesn't: what is done under it.
The lock is the kernel's (`flock`), so it ends with its process, however that ends; what the file says is only for people.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import LockedError, RepledgerError
from orchestration.landing.ledger import read_once
from orchestration.settings import Home

_TRIES = 5
_held: dict[Path, int] = {}


@contextmanager
def nightly_lock(home: Home) -> Iterator[None]:
    """Hold the home's lock, or raise at once naming the process that holds it. May be taken again by the process that has it."""
    path = home.lock.resolve()
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    descriptor = _take(path, home)
    _held[path] = 1
    try:
        with read_once(home):
            yield
    finally:
        del _held[path]
        # A process of later may get the same number.
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def is_locked(home: Home) -> bool:
    """True if a process has the lock. The kernel is asked: a number that was left in the file may be another process's by now.

    Sharing the lock for an instant is all there is to see by; a nightly that starts in that instant tries again.
    """
    try:
        descriptor = os.open(home.lock, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(path: Path, home: Home) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RepledgerError(
            f"the home can't be written to ({error.strerror})", where=str(home.root), do="give this user the right to write there, or name another --home"
        ) from error
    if not _lock(descriptor):
        holder = _holder(descriptor)
        os.close(descriptor)
        raise LockedError(f"another nightly is running (pid {holder})", where=str(home.root), do="wait until it has ended")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _lock(descriptor: int) -> bool:
    """Whether the lock could be had. Tried more than once: `is_locked` may share it for an instant."""
    for number in range(_TRIES):
        if number:
            time.sleep(0.01)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _holder(descriptor: int) -> str:
    """The number of the process that has the lock; it writes it just after taking it, so one look may be too early."""
    for _ in range(20):
        number = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        if number:
            return number
        time.sleep(0.05)
    return "unknown"
