"""The real `repledger`, killed by SIGKILL just before a chosen boundary of its work, or told another date.

A boundary is what a reader or the next night could find done or not done: a rename, a link of either kind, a removal below the home, or the
commit of a transaction (DuckDB's, with the model that dbt makes in it; SQLite's, where Dagster keeps its history). They are seen from
outside, by an audit hook and around the commits, so what is shipped knows nothing of it.
Belongs here: the child process and what its boundaries are called. Doesn't: what must hold.
"""

import datetime as dt
import fnmatch
import importlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_DIR

NEVER = "-"
_EVENTS = {
    "os.rename": ("rename", 1, 3),
    "os.link": ("link", 1, 3),
    "os.symlink": ("symlink", 1, 2),
    "os.remove": ("remove", 0, 1),
    "os.rmdir": ("remove", 0, 1),
}
# dbt says in a comment before each statement which node it is of.
_NODE = re.compile(r'"node_id": "\w+\.\w+\.(\w+)')


# Each night is a process of its own, forked from one that has read what all of them read first: a third of a small night.
_NIGHTS = multiprocessing.get_context("forkserver")
_NIGHTS.set_forkserver_preload(["dagster", "dbt.cli.main", "dbt.adapters.duckdb", "great_expectations", "sqlalchemy"])


def interrupted(home: Path, *command: str, at: str = NEVER, number: int = 1, log: Path | None = None, clock_days: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `repledger COMMAND --home HOME` to its end, or until the number-th boundary that is called like `at` (`*` matches anything).

    log: a file that gets the name of every boundary before it; clock_days: how far the clock is off.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = [Path(folder, "out"), Path(folder, "err")]
        night = _NIGHTS.Process(target=_run, args=(told, home, at, number, log, clock_days, command))
        night.start()
        night.join()
        out, err = (path.read_text(encoding="utf-8") if path.exists() else "" for path in told)
    assert night.exitcode is not None
    return subprocess.CompletedProcess(command, night.exitcode, out, err)


class _Boundaries:
    """Counts them and kills at one."""

    def __init__(self, home: Path, at: str, number: int, log: Path | None) -> None:
        self._home, self._at, self._left = home, at, number
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else None
        self._guard = threading.RLock()

    def reach(self, name: str) -> None:
        with self._guard:
            if self._log is not None:
                os.write(self._log, f"{name}\n".encode())
            self._left -= fnmatch.fnmatchcase(name, self._at)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A file below the home is about to be there, or gone."""
        if event not in _EVENTS:
            return
        verb, path_at, folder_at = _EVENTS[event]
        path, folder = Path(os.fsdecode(arguments[path_at])), arguments[folder_at]
        path = Path(f"/proc/self/fd/{folder}").readlink() / path if folder >= 0 else path.absolute()
        if path.is_relative_to(self._home):
            self.reach(f"{verb} {path.relative_to(self._home)}")


def _watch_commits(boundaries: _Boundaries) -> None:
    import duckdb
    from sqlalchemy.engine.default import DefaultDialect

    connection_type: Any = duckdb.DuckDBPyConnection
    execute, commit, sqlite_commit = connection_type.execute, connection_type.commit, DefaultDialect.do_commit

    said = threading.local()

    def reach_commit() -> None:
        boundaries.reach(f"commit duckdb {getattr(said, 'node', '')}".rstrip())

    def watched_execute(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        if isinstance(query, str) and query.rstrip("; \n").lower().endswith("commit"):
            reach_commit()
        elif isinstance(query, str) and (node := _NODE.search(query)):
            said.node = node[1]
        return execute(self, query, *more, **named)

    def watched_commit(self: Any) -> Any:
        reach_commit()
        return commit(self)

    def watched_sqlite_commit(self: Any, connection: Any) -> None:
        boundaries.reach("commit sqlite")
        sqlite_commit(self, connection)

    connection_type.execute, connection_type.commit = watched_execute, watched_commit
    DefaultDialect.do_commit = watched_sqlite_commit  # type: ignore[method-assign]


def _set_clock(days: int) -> None:
    """The clock of every module that looks at one, and the one that Dagster dates its history by."""
    real: Callable[[], float] = time.time

    class Shifted(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime.now(tz) + dt.timedelta(days=days)

    for name in _modules_with_a_clock():
        module = importlib.import_module(name)
        module.dt = types.SimpleNamespace(**vars(dt) | {"datetime": Shifted})  # type: ignore[attr-defined]
    time.time = lambda: real() + days * 86_400


def _modules_with_a_clock() -> Iterator[str]:
    for path in sorted((PROJECT_DIR / "orchestration").rglob("*.py")):
        if "dt.datetime.now(" in path.read_text(encoding="utf-8"):
            yield ".".join(path.relative_to(PROJECT_DIR).with_suffix("").parts)


def _run(told: list[Path], home: Path, at: str, number: int, log: Path | None, clock_days: int, command: tuple[str, ...]) -> None:
    """In the child."""
    for stream, path in enumerate(told, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    boundaries = _Boundaries(home.resolve(), at, number, log)
    _watch_commits(boundaries)
    if clock_days:
        _set_clock(clock_days)
    sys.addaudithook(boundaries.audit)
    from orchestration import cli

    sys.argv = ["repledger", *command, "--home", str(home)]
    cli.main()
