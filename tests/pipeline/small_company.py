"""A company of a few rows, delivered by hand: for tests of one rule through the whole job.

Belongs here: writing company.toml and templates' files, running the command. Doesn't: what is expected.
"""

import csv
import datetime as dt
import io
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from orchestration import cli
from orchestration.company_file import render_company_toml, standard_sources
from orchestration.landing.declarations import standard_entities
from orchestration.settings import Home
from tests.pipeline import parsed_once
from tests.pipeline.short_night import short_nights

REPLEDGER = Path(sys.executable).with_name("repledger")


def new_company(home: Path, **settings: Any) -> Path:
    """A home with a company.toml of the standard sources; settings replace the defaults."""
    home.mkdir(parents=True, exist_ok=True)
    defaults: dict[str, Any] = {
        "name": "Example & Daughters",
        "reporting_currency": "USD",
        "fiscal_year_start_month": 1,
        "time_zone": "UTC",
        "credit_policy": "acquirer",
        "constant_currency_on": dt.date(2025, 1, 1),
        "sources": standard_sources(),
    }
    (home / "company.toml").write_text(render_company_toml(**(defaults | settings)), encoding="utf-8")
    return home


def deliver(home: Path, entity: str, extract_date: str, rows: Iterable[Mapping[str, Any]], *, file: str | None = None, source: str | None = None) -> Path:
    """A file of the entity's template, with the columns that the rows leave out empty. source: the area's own, unless named."""
    contract = standard_entities()[entity]
    names = [column.name for column in contract.columns]
    path = home / "landing" / (source or contract.area) / entity / extract_date / (file or f"{entity}.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def repledger(*arguments: str, home: Path, is_whole: bool = False) -> subprocess.CompletedProcess[str]:
    """The command and what it told, in this process: an interpreter of its own would read dbt, Dagster and Great Expectations anew each time.

    is_whole: a night has its Dagster run and dbt's tests too.
    """
    typed = [str(REPLEDGER), *arguments, "--home", str(home)]
    out, err = io.StringIO(), io.StringIO()
    parsed_once.lend(Home(home))
    with mock.patch.object(sys, "argv", typed), redirect_stdout(out), redirect_stderr(err), nullcontext() if is_whole else short_nights():
        code = cli.run(typed[1:])
    parsed_once.keep(Home(home))
    return subprocess.CompletedProcess(typed, code, out.getvalue(), err.getvalue())


def nightly(home: Path, *, is_whole: bool = False) -> str:
    """A night that must succeed; its output."""
    done = repledger("nightly", home=home, is_whole=is_whole)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def published(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a question to the published file."""
    with duckdb.connect(str(home / "published/repledger.duckdb"), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def warehouse(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a question to the private warehouse, where history stands."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.sql(sql).fetchall()
