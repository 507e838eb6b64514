"""An exception that nobody foresaw, told in one line: a disk that is full, a folder that is closed to this user, or a bug.

Belongs here: recognising the first two, keeping the traceback of a bug. Doesn't: errors that a room raises on purpose (`errors`).
Neither the line nor the traceback holds what a database quotes of a cell: that could be somebody's pay.
"""

import errno
import traceback
from collections.abc import Iterator

from orchestration.errors import RepledgerError, without_cells
from orchestration.settings import Home

_FULL = {errno.ENOSPC, errno.EDQUOT}
# What SQLite and DuckDB say of it; they give no number.
_FULL_WORDS = ("no space left on device", "database or disk is full", "disk i/o error", "disk quota exceeded")
FULL_DISK = "make room there and run it again; what readers see is as it was"
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_CLOSED_WORDS = ("read-only file system", "permission denied", "readonly database")
_FILE = "last_error.txt"


def as_one_line(error: BaseException, home: Home) -> RepledgerError:
    """What a user is told of it, and what to do."""
    if isinstance(error, RepledgerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return RepledgerError("stopped by hand", do="what readers see is as it was; run it again")
    if any(_is_about(one, _FULL, _FULL_WORDS) for one in _chain(error)):
        return RepledgerError("the disk is full", where=str(home.root), do=FULL_DISK)
    closed = [one for one in _chain(error) if _is_about(one, _CLOSED, _CLOSED_WORDS)]
    if closed:
        where = str(getattr(closed[-1], "filename", None) or home.root)
        return RepledgerError("this user may not read or write it", where=where, do="give this user the right and run it again; what readers see is as it was")
    return RepledgerError(f"{type(error).__name__}, a bug", do=_keep_traceback(error, home))


def _is_about(error: BaseException, numbers: set[int], words: tuple[str, ...]) -> bool:
    if isinstance(error, OSError) and error.errno in numbers:
        return True
    return any(one in str(error).lower() for one in words)


def says_full_disk(message: str) -> bool:
    """True of what a database says when it finds no room."""
    return any(words in message.lower() for words in _FULL_WORDS)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that led to it."""
    known: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in known:
        yield following
        known.append(following)
        following = following.__cause__ or following.__context__


def _keep_traceback(error: BaseException, home: Home) -> str:
    told = [f"{''.join(traceback.format_tb(one.__traceback__))}{type(one).__name__}: {without_cells(str(one))}\n" for one in _chain(error)]
    try:
        home.work.mkdir(exist_ok=True)
        (home.work / _FILE).write_text("\nwhich led to\n\n".join(reversed(told)))
    except OSError:
        return f"it can't be told in {home.work / _FILE}, which can't be written to"
    return f"the traceback is in {home.work / _FILE}"
