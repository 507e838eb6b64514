"""History against its definition, on any deliveries: what the SQL of one model says of each day, as known on each day.

The definition is told here a second time, day by day and slowly. Few keys, few dates and few words, so that everything collides.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.landing.views import create_raw_schema
from orchestration.settings import Home
from tests.pipeline.test_dbt_unit import COMPANY, dbt

DAYS = [dt.date(2025, 1, day) for day in range(1, 8)]
BEGINNING, END = dt.date(1, 1, 1), dt.date(9999, 12, 31)
MODES = {"snapshots": "snapshot", "deltas": "delta"}


@dataclass(frozen=True)
class Row:
    """One delivered version. owner is the content; since, when it says that it holds."""

    source: str
    extract: dt.date
    key: str
    owner: str
    since: dt.date | None
    is_deleted: bool

    @property
    def identity(self) -> tuple[object, ...]:
        return (self.source, self.extract, self.key, self.since)


@dataclass(frozen=True)
class Claim:
    """What an extract said: from `since` on it is `owner`, or nothing any more."""

    since: dt.date
    known_from: dt.date
    known_to: dt.date
    owner: str | None
    place: dt.date


ROWS = st.builds(
    Row,
    source=st.sampled_from(sorted(MODES)),
    extract=st.sampled_from(DAYS[:5]),
    key=st.sampled_from("ab"),
    owner=st.sampled_from(["ann", "bea"]),
    since=st.sampled_from([None, None, None, *DAYS[:4]]),
    is_deleted=st.booleans(),
)
Delivered = tuple[list[Row], set[tuple[str, dt.date]], set[dt.date]]
Model = tuple[duckdb.DuckDBPyConnection, str]
DELIVERIES = st.tuples(
    st.lists(ROWS, max_size=14, unique_by=lambda row: row.identity),
    st.sets(st.tuples(st.sampled_from(sorted(MODES)), st.sampled_from(DAYS[:5])), max_size=4),
    st.sets(st.sampled_from(DAYS[:5]), max_size=2),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The SQL of core_account_history, and a database with the tables that it reads; core_conflict and core_row_count are views in it."""
    home = Home(tmp_path_factory.mktemp("law"))
    with duckdb.connect(str(home.warehouse)) as connection:
        create_raw_schema(connection, home, COMPANY)
    compiled = dbt(home, "compile", "--select", "core_account_history", "core_conflict", "core_row_count")
    assert compiled.returncode == 0, compiled.stdout
    compiled_sql = {path.stem: path.read_text() for path in Path(home.root / "dbt/target/compiled").rglob("core_*.sql")}
    sql = compiled_sql["core_account_history"]
    columns = dbt_columns(sql)
    connection = duckdb.connect()
    connection.execute(
        "attach ':memory:' as warehouse; create schema warehouse.core; create schema warehouse.input; create schema warehouse.raw; set threads = 1"
    )
    connection.execute(f"create table warehouse.input.input_account ({', '.join(columns)})")
    connection.execute(
        "create table warehouse.core.core_extract"
        " (source varchar, entity varchar, mode varchar, extract_date date, is_whole boolean, position bigint, previous_whole_on date, next_whole_on date)"
    )
    connection.execute("create table warehouse.raw.delivery (source varchar, connector varchar, entity varchar, state varchar, loaded bigint)")
    # The entities stand one after the other, in core_row_count below what they have in common.
    conflict, row_count = (
        next(one for one in compiled_sql[name].split("union all") if "'account' as entity" in one) for name in ("core_conflict", "core_row_count")
    )
    counted = compiled_sql["core_row_count"]
    row_count = counted[: counted.rindex("select", 0, counted.index("' as entity"))] + row_count
    connection.execute(f"create view memory.main.conflict as {conflict}")
    connection.execute("create table warehouse.core.core_conflict as from conflict")
    connection.execute(f"create table warehouse.core.core_account_history as {sql}")
    connection.execute(f"create view memory.main.row_count as {row_count}")
    return connection, sql


def dbt_columns(sql: str) -> list[str]:
    """The contract's columns, typed, as the input model has them."""
    from orchestration.landing.declarations import standard_entities

    assert "input_account" in sql
    columns = [f"{column.name} {column.type}" for column in standard_entities()["account"].columns]
    return [*columns, "_source varchar", "_extract_date date", "_shown_until_on date", "_file varchar", "_line bigint"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(DELIVERIES)
def test_every_day_is_believed_as_defined(
    model: tuple[duckdb.DuckDBPyConnection, str], delivered: tuple[list[Row], set[tuple[str, dt.date]], set[dt.date]]
) -> None:
    """Some extracts are empty, some have rejected lines: those can't say what is missing."""
    rows, empty, broken = delivered
    rows = [row if MODES[row.source] == "delta" else Row(row.source, row.extract, row.key, row.owner, row.since, False) for row in rows]
    extracts = {(row.source, row.extract) for row in rows} | empty
    history = build(model, rows, extracts, broken)
    for source, mode in MODES.items():
        whole = sorted(date for name, date in extracts if name == source and date not in broken)
        for key in "ab":
            claims = list(claims_of([row for row in rows if (row.source, row.key) == (source, key)], whole, mode))
            spans = [span for span in history if span[:2] == (source, key)]
            for known in DAYS:
                for day in [BEGINNING, *DAYS]:
                    assert told(spans, day, known) == defined(claims, day, known), (source, key, day, known)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(DELIVERIES, st.integers(0, 13))
def test_every_row_is_accounted_for_and_a_lost_one_is_missed(
    model: Model, delivered: tuple[list[Row], set[tuple[str, dt.date]], set[dt.date]], lost: int
) -> None:
    """A lost row of a key with an `effective_on` can hide behind another claim that says the same; of all others none can."""
    rows, empty, broken = delivered
    connection, sql = model
    build(model, rows, {(row.source, row.extract) for row in rows} | empty, broken)
    connection.execute(f"delete from warehouse.core.core_account_history; insert into warehouse.core.core_account_history {sql}")
    question = "select input_rows, version_rows + repeat_rows + conflict_rows + deletion_rows from row_count"
    assert connection.execute(question).fetchone() == (len(rows), len(rows))
    dated = {(row.source, row.key) for row in rows if row.since}
    standing = connection.execute("select distinct _line from warehouse.core.core_account_history order by 1").fetchall()
    standing = [line for (line,) in standing if (rows[line].source, rows[line].key) not in dated]
    if standing:
        connection.execute("delete from warehouse.core.core_account_history where _line = ?", [standing[lost % len(standing)]])
        found, accounted = connection.execute(question).fetchall()[0]
        assert accounted < found


def build(model: Model, rows: Iterable[Row], extracts: Iterable[tuple[str, dt.date]], broken: set[dt.date]) -> list[tuple[object, ...]]:
    connection, sql = model
    connection.execute("delete from warehouse.input.input_account; delete from warehouse.core.core_extract")
    for number, row in enumerate(rows):
        values = [row.key, row.owner, row.since, row.is_deleted, row.source, row.extract, row.extract, f"{row.extract}", number]
        connection.execute(
            "insert into warehouse.input.input_account (account_id, owner_crm_user_id, effective_on, is_deleted, _source, _extract_date,"
            " _shown_until_on, _file, _line) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    for source, mode in MODES.items():
        add_extracts(connection, source, mode, [date for name, date in extracts if name == source], broken)
    return connection.execute(
        f"select _source, account_id, owner_crm_user_id, valid_from_on, valid_to_on, known_from_on, known_to_on, known_open_to_on from ({sql})"
    ).fetchall()


def add_extracts(connection: duckdb.DuckDBPyConnection, source: str, mode: str, dates: Iterable[dt.date], broken: set[dt.date]) -> None:
    """The rows of core_extract."""
    dates = sorted(dates)
    for position, date in enumerate(dates, start=1):
        before, after = [one for one in dates if one < date and one not in broken], [one for one in dates if one > date and one not in broken]
        values = [source, mode, date, date not in broken, position, max(before, default=None), min(after, default=None)]
        connection.execute("insert into warehouse.core.core_extract values (?, 'account', ?, ?, ?, ?, ?, ?)", values)


def told(spans: Iterable[tuple[object, ...]], day: dt.date, known: dt.date) -> set[object]:
    """What the model says of a day, as known on a day: nobody, one, or more if it is wrong."""
    found = set()
    for _, _, owner, valid_from, valid_to, known_from, known_to, open_to in spans:
        until = END if open_to is not None and known < open_to else valid_to  # type: ignore[operator]
        if valid_from <= day < until and known_from <= known < known_to:  # type: ignore[operator]
            found.add(owner)
    return found


def defined(claims: Iterable[Claim], day: dt.date, known: dt.date) -> set[object]:
    """Of the claims that are believed, the last that begins by then; the first of them reaches back without end."""
    believed: dict[dt.date, Claim] = {}
    for claim in sorted(claims, key=lambda claim: (claim.known_from, -claim.place.toordinal())):
        if claim.known_from <= known < claim.known_to:
            believed[claim.since] = claim
    begun = [since for number, since in enumerate(sorted(believed)) if since <= day or number == 0]
    return {believed[begun[-1]].owner} - {None} if begun else set()


def claims_of(rows: list[Row], whole: list[dt.date], mode: str) -> Iterable[Claim]:
    """whole: the extracts of the source that can say what is missing."""

    def missing_after(date: dt.date) -> dt.date:
        return min((other for other in whole if other > date), default=END) if mode == "snapshot" else END

    shown = {row.extract for row in rows}
    endings = {missing_after(date) for date in shown} - {END} - shown
    for end in endings:
        taken_back = min((row.extract for row in rows if row.extract > end and row.since is not None and row.since <= end), default=END)
        yield Claim(end, end, taken_back, None, dt.date.max)
    for since in {row.since for row in rows}:
        runs: list[list[Row]] = []
        for row in sorted((row for row in rows if row.since == since), key=lambda row: row.extract):
            last = runs[-1][-1] if runs else None
            is_same = last is not None and (last.owner, last.is_deleted) == (row.owner, row.is_deleted)
            if is_same and last is not None and missing_after(last.extract) >= row.extract:
                runs[-1].append(row)
            else:
                runs.append([row])
        for run, next_run in zip(runs, [*runs[1:], None], strict=True):
            first, owner = run[0], None if run[0].is_deleted else run[0].owner
            if since is None:
                yield Claim(first.extract, first.extract, END, owner, dt.date.max - dt.timedelta(1))
                continue
            replaced = next_run[0].extract if next_run else END
            missing = missing_after(run[-1].extract)
            yield Claim(since, first.extract, replaced if missing in endings else min(replaced, missing), owner, since)
