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

from orchestration.errors import RepledgerError
from orchestration.landing.ledger import read_once
from orchestration.settings import Home

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
    """True if the process that took the lock last is there and still has it. Only looks: taking the lock to see would stop a nightly that starts."""
    try:
        os.kill(int(home.lock.read_text()), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _take(path: Path, home: Home) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RepledgerError(
            f"the home can't be written to ({error.strerror})", where=str(home.root), do="give this user the right to write there, or name another --home"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _holder(descriptor)
        os.close(descriptor)
        raise RepledgerError(f"another nightly is running (pid {holder})", where=str(home.root), do="wait until it has ended") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _holder(descriptor: int) -> str:
    """The number of the process that has the lock; it writes it just after taking it, so one look may be too early."""
    for _ in range(20):
        number = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        if number:
            return number
        time.sleep(0.05)
    return "unknown"
