"""The rows that break a data test of dbt, so that a person can look at them: dbt itself only counts them.

Belongs here: asking a failed test's SQL once more, writing what may be written down. Doesn't: running dbt (`build`).
"""

import contextlib
import shutil
from pathlib import Path

import duckdb

from expectations.guarded import open_columns, open_everywhere
from orchestration.settings import Home

SHOWN_KEYS = 3
_COUNT = "row_count"


def forget_failing_rows(home: Home) -> None:
    """Rows of an earlier build do not stay behind."""
    shutil.rmtree(_folder(home), ignore_errors=True)


def write_failing_rows(home: Home, test: str, model: str, compiled_sql: str) -> tuple[tuple[str, ...], Path | None]:
    """Write the rows to failed/dbt/<test>.csv. Returns the first of them in words, and the file.

    Only columns that are described and not guarded leave the warehouse; model: the one the test stands by, empty for a test by hand.
    Where the model itself does not describe a column, those that do must agree.
    """
    path = _folder(home) / f"{test}.csv"
    with contextlib.suppress(duckdb.Error), duckdb.connect(str(home.warehouse), read_only=True) as connection:
        names = [row[0] for row in connection.execute(f"describe select * from ({compiled_sql}) as failing").fetchall()]
        shown = [name for name in names if _may_be_shown(name, model)]
        if shown:
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = ", ".join(f'"{name}"' for name in shown)
            rows = f"select {columns} from ({compiled_sql}) as failing order by all"
            connection.execute(f"copy ({rows}) to '{str(path).replace(chr(39), chr(39) * 2)}' (header, delimiter ',')")
            first = connection.execute(f"{rows} limit {SHOWN_KEYS}").fetchall()
            return tuple(", ".join(f"{name}={cell}" for name, cell in zip(shown, row, strict=True)) for row in first), path
    return (), None


def _may_be_shown(column: str, model: str) -> bool:
    return column == _COUNT or column in open_columns(f"main.{model}") or column in open_everywhere()


def _folder(home: Home) -> Path:
    return home.failed / "dbt"
