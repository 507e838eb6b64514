"""Compacted snapshots tell what the extracts told: the same rows of each extract, and the same history, whatever is delivered when.

Few keys, few dates and few words, so that everything collides: late and repeated files, twins in one extract, other bytes under a
name, a second file of a date, broken lines, withdrawals; and a compaction may lie between any two of them.
"""

import csv
import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.landing import compaction
from orchestration.landing.chains import read_chain
from orchestration.landing.compaction import Compaction, compact
from orchestration.landing.intake import take_in
from orchestration.landing.ledger import read_contents, read_ledger
from orchestration.landing.loader import Loader
from orchestration.landing.views import create_raw_schema
from orchestration.settings import Company, Home, Source
from tests.pipeline.test_history_law import DAYS, Model, add_extracts, model

__all__ = ["model"]
COLUMNS = ("account_id", "owner_crm_user_id", "effective_on", "updated_at", "is_deleted", "region")
COMPANY = Company(
    name="Example",
    reporting_currency="USD",
    fiscal_year_start_month=1,
    time_zone="UTC",
    credit_policy="acquirer",
    constant_currency_on=DAYS[0],
    connectors=("standard",),
    sources={"crm": Source("crm", "standard", {"account": "snapshot"}, {"account": COLUMNS})},
)
Cells = tuple[str, ...]


@dataclass(frozen=True)
class Deliver:
    date: dt.date
    file: str
    rows: tuple[Cells, ...]
    is_broken: bool


@dataclass(frozen=True)
class Withdraw:
    date: dt.date
    file: str


class Compact:
    pass


Step = Deliver | Withdraw | Compact
DATES = st.sampled_from(DAYS[:6])
FILES = st.sampled_from(["a.csv", "a.csv", "a.csv", "b.csv"])
ROWS = st.tuples(
    st.sampled_from("abc"),
    st.sampled_from(["ann", "bea"]),
    st.sampled_from(["", "", "", "2025-01-02", "2025-01-04"]),
    st.sampled_from(["", "", "2025-01-03T00:00:00Z"]),
    st.sampled_from(["", "", "", "true"]),
    st.sampled_from(["", "north"]),
)
SNAPSHOTS = st.lists(ROWS, max_size=4).map(tuple)
BROKEN = st.sampled_from([False, False, False, True])
# A snapshot of each date in any order, most rows of which go on, and what else may happen in between.
ALL_DATES = st.tuples(st.permutations(DAYS[:6]), st.lists(st.tuples(SNAPSHOTS, BROKEN), min_size=6, max_size=6), SNAPSHOTS)
OTHERS = st.one_of(
    st.builds(Compact),
    st.builds(Compact),
    st.builds(Withdraw, DATES, FILES),
    st.builds(Deliver, DATES, FILES, SNAPSHOTS, BROKEN),
)
BETWEEN = st.lists(st.tuples(st.integers(2, 10), OTHERS), min_size=2, max_size=6)


@st.composite
def programmes(draw: st.DrawFn) -> list[Step]:
    """Deliveries, withdrawals and compactions, in the order in which they happen."""
    dates, snapshots, lasting = draw(ALL_DATES)
    steps: list[Step] = [Deliver(date, "a.csv", (*lasting, *rows), is_broken) for date, (rows, is_broken) in zip(dates, snapshots, strict=True)]
    for place, step in draw(BETWEEN):
        steps.insert(min(place, len(steps)), step)
    return [*steps, Compact()]


_homes = itertools.count()


@pytest.fixture
def compacting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a few rows a chain is larger than the files; here it replaces them all the same, up to the extract before the latest."""
    monkeypatch.setattr(compaction, "KEPT_WHOLE", 1)
    monkeypatch.setattr(Compaction, "is_worth", True)


@pytest.mark.usefixtures("compacting")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(programmes())
def test_compacted_at_any_moment_it_is_the_same_history(model: Model, tmp_path: Path, steps: Sequence[Step]) -> None:
    whole, compacted = (new_home(tmp_path) for _ in range(2))
    for step in steps:
        take(whole, step, is_compacted=False)
        take(compacted, step, is_compacted=True)
    assert list(shown(compacted)) == list(shown(whole))
    told, counted = history(model, whole)
    assert history(model, compacted) == (told, counted)
    assert [found for found, _ in counted] == [accounted for _, accounted in counted], "each row became a version, a repeat, an end or a conflict"


@pytest.mark.usefixtures("compacting")
def test_as_known_on_a_day_a_chain_tells_the_extracts_up_to_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for day, owners in enumerate((["ann", "bea"], ["ann", "bea"], ["bea", "bea"], ["bea", "ann"])):
        take(home, Deliver(DAYS[day], "a.csv", tuple((key, owner, "", "", "", "") for key, owner in zip("ab", owners, strict=True)), False))
    before = [list(shown(home.as_known(day))) for day in DAYS[:4]]
    take(home, Compact())
    chain = read_chain(home.raw / "crm/account")
    assert chain is not None and len(chain.members) == 3
    assert [list(shown(home.as_known(day))) for day in DAYS[:4]] == before
    assert [row[-2:] for row in rows_of(home.as_known(DAYS[1]))] == [(DAYS[0], DAYS[1])] * 2


def new_home(folder: Path) -> Home:
    home = Home(folder / f"{next(_homes)}")
    home.root.mkdir()
    return home


def take(home: Home, step: Step, *, is_compacted: bool = True) -> None:
    if isinstance(step, Compact):
        if is_compacted:
            compact(home, COMPANY)
        return
    file = f"crm/account/{step.date}/{step.file}"
    if isinstance(step, Withdraw):
        with Loader(home, read_contents(home)) as loader:
            loader.withdraw(file)
            loader.mend_names()
        return
    path = home.landing / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([COLUMNS, *step.rows])
        out.write("x\n" * step.is_broken)
    take_in(home, COMPANY, DAYS[-1])
    path.unlink()


def rows_of(home: Home) -> list[tuple[Any, ...]]:
    """The rows as the warehouse reads them, the last two cells being first and last extract."""
    with duckdb.connect() as connection:
        create_raw_schema(connection, home, COMPANY)
        return connection.execute(f"select {', '.join(COLUMNS)}, _file, _line, _extract_date, _shown_until_on from raw.standard__account").fetchall()


def shown(home: Home) -> Iterator[tuple[Any, ...]]:
    """What each extract says. Where a row stands is told of the first extract of a run; in the others it says what the file said."""
    dates = sorted({one.extract_date for one in read_ledger(home) if one.state == "loaded"})
    told = rows_of(home)
    for date in dates:
        yield date, sorted(str(row[: len(COLUMNS)]) for row in told if row[-2] <= date <= row[-1])


def history(model: Model, home: Home) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What the models make of it: the history, file and line included, and how many rows became what."""
    connection, sql = model
    connection.execute("delete from warehouse.input.input_account; delete from warehouse.core.core_extract; delete from warehouse.core.core_conflict")
    connection.execute("delete from warehouse.core.core_account_history; delete from warehouse.raw.delivery")
    for row in rows_of(home):
        names = [*COLUMNS, "_file", "_line", "_extract_date", "_shown_until_on"]
        cells = ["nullif(?, '')"] * len(COLUMNS) + ["?"] * 4
        connection.execute(f"insert into warehouse.input.input_account (_source, {', '.join(names)}) values ('crm', {', '.join(cells)})", row)
    counting = [one for one in read_ledger(home) if one.state == "loaded"]
    broken = {one.extract_date for one in counting if one.rejected}
    add_extracts(connection, "crm", "snapshot", {one.extract_date for one in counting}, broken)
    connection.execute("insert into warehouse.core.core_conflict from conflict")
    connection.execute(f"insert into warehouse.core.core_account_history {sql}")
    told = connection.execute("select * from warehouse.core.core_account_history order by all").fetchall()
    return told, connection.execute("select input_rows, version_rows + repeat_rows + conflict_rows + deletion_rows from row_count").fetchall()
