"""Readers while nights are published: what they open in the ways that the README tells belongs to one publication, and opening it never fails.

Two tables of one file each, and one by months of which each night touches a single one: the rest is linked from the publication before.
"""

import dataclasses
import datetime as dt
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publication import manifest, publish
from orchestration.settings import Home
from orchestration.warehouse.models import MadeAnew, Model, ModelColumn

# Four processes of five threads each: readers in one process share what DuckDB has open, readers in several don't.
PROCESSES, THREADS, PUBLICATIONS, ROWS = 4, 5, 5, 20_000
_COLUMNS = (ModelColumn("number", "bigint", "Counts the rows."), ModelColumn("edition", "integer", "Which publication it is of."))
_WHOLE = tuple(Model(f"model.repledger.{name}", name, "answers", "main", False, "Rows.", "", (), _COLUMNS, ("number",), (), ()) for name in ("first", "last"))
_BY_MONTH = dataclasses.replace(
    _WHOLE[0],
    unique_id="model.repledger.sale",
    name="sale",
    columns=(*_COLUMNS, ModelColumn("sold_on", "date", "Day of the sale.")),
    made_anew=MadeAnew("core_sale_change", "sold_on", ("number",)),
)
_MONTHS = [dt.date(2024, month, 1) for month in range(1, 13)]


def _touched(edition: int) -> dt.date:
    """The month that a publication changes. Every second one empties it, so that a file goes, and the next fills it again."""
    return _MONTHS[(edition + 1) // 2]


def _sales(edition: int) -> dict[dt.date, int]:
    """In each month that a publication holds, the one that made its rows."""
    made = dict.fromkeys(_MONTHS, 0)
    for number in range(1, edition + 1):
        made[_touched(number)] = number
    return {month: number for month, number in made.items() if number % 2 == 0}


def _publish(home: Home, edition: int) -> None:
    home.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        for table in _WHOLE:
            connection.execute(f"create table {table.name} as select range as number, {edition} as edition from range({ROWS})")
        connection.execute("create table sale (number bigint, edition integer, sold_on date)")
        for month, made in _sales(edition).items():
            connection.execute("insert into sale select range, ?, ? from range(?)", [made, month, ROWS // len(_MONTHS)])
        connection.execute("create schema core; create table core.core_sale_change as select cast(? as date) as month_on", [_touched(edition)])
    imprint = publish.Imprint("A company", "2025-01-31", str(edition), "c", "s", edition, f"night {edition}")
    publish.publish(home, (*_WHOLE, _BY_MONTH), imprint, lambda folder, _: (folder / "index.html").write_text("a page") and None, told_on_from=str(edition - 1))


def _read_side_by_side(published: Path, ready: Barrier, is_over: Event, told: Any) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        ready.wait()
        for one in [threads.submit(_read_on, published, number % 2 == 0, is_over) for number in range(THREADS)]:
            told.put(one.result())


def _read_on(published: Path, is_duckdb: bool, is_over: Event) -> tuple[list[int], str]:
    """Open, read two tables, compare with the manifest; again until nothing is published any more. The editions seen, and what went wrong."""
    editions = []
    try:
        was_over = False
        while not was_over:
            was_over = is_over.is_set()
            editions.append(_edition_of_duckdb(published) if is_duckdb else _edition_of_parquet(published))
    except Exception as error:
        return editions, f"{'DuckDB' if is_duckdb else 'Parquet'}: {error!r}"
    return editions, ""


def _edition_of_duckdb(published: Path) -> int:
    """Through the stable name, as a BI tool has it: one file, so one edition. Then the file that the link leads to, beside its manifest."""
    _edition(published / "repledger.duckdb", "first", "last", "sale")
    folder = (published / "current").resolve()
    return _as_in_manifest(folder, _edition(folder / "repledger.duckdb", "first", "last", "sale"))


def _edition_of_parquet(published: Path) -> int:
    """The link is resolved once; all that is read then lies in that folder."""
    folder = (published / "current").resolve()
    return _as_in_manifest(folder, _edition(None, *(f"'{folder}/parquet/{name}.parquet'" for name in ("first", "last", "sale/*"))))


def _edition(file: Path | None, first: str, last: str, sale: str) -> int:
    with duckdb.connect(str(file), read_only=True) if file else duckdb.connect() as connection:
        editions = connection.execute(f"select edition, count(*) from (from {first} union all from {last}) group by edition").fetchall()
        sales = connection.execute(f"select sold_on, edition, count(*) from {sale} group by all order by 1").fetchall()
    assert [rows for _, rows in editions] == [2 * ROWS], f"mixed: {editions}"
    edition = int(editions[0][0])
    assert sales == [(month, made, ROWS // len(_MONTHS)) for month, made in _sales(edition).items()], f"mixed: {sales} in {edition}"
    return edition


def _as_in_manifest(folder: Path, edition: int) -> int:
    read = manifest.read(folder)
    assert read and read[0].deliveries == edition, f"{edition} beside the manifest of {read}"
    return edition


@pytest.mark.parametrize("is_resolved", [True, False])
def test_files_that_were_listed_before_the_flip_are_there_after_it_if_the_link_was_resolved(tmp_path: Path, is_resolved: bool) -> None:
    """Why the README tells readers to resolve it: the next publication has no file of the month that it emptied."""
    home = Home(tmp_path)
    _publish(home, 0)
    current = home.published / "current"
    folder = (current.resolve() if is_resolved else current) / "parquet"
    listed = [str(path) for path in sorted(folder.glob("sale/*.parquet"))]
    _publish(home, 1)
    read = [f"'{folder}/first.parquet'", f"'{folder}/last.parquet'", f"read_parquet({listed})"]
    if is_resolved:
        assert _edition(None, *read) == 0
    else:
        with pytest.raises(duckdb.IOException, match="2024-02"):
            _edition(None, *read)


def test_twenty_readers_see_five_publications_come_without_an_error_or_a_mixture(tmp_path: Path) -> None:
    home = Home(tmp_path)
    _publish(home, 0)
    context = multiprocessing.get_context("spawn")
    ready, is_over, told = context.Barrier(PROCESSES + 1), context.Event(), context.Queue()
    processes = [context.Process(target=_read_side_by_side, args=(home.published, ready, is_over, told), daemon=True) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    ready.wait(timeout=60)
    for edition in range(1, PUBLICATIONS + 1):
        _publish(home, edition)
    is_over.set()
    found = [told.get(timeout=60) for _ in range(PROCESSES * THREADS)]
    for process in processes:
        process.join()
    assert [error for _, error in found if error] == []
    assert all(editions == sorted(editions) for editions, _ in found), "nobody is led back to an older one"
    assert all(editions[-1] == PUBLICATIONS for editions, _ in found), "whoever opens anew sees the last one"
    assert len({edition for editions, _ in found for edition in editions}) > 1, "they read while nights were published"
    _assert_months_are_linked(home)


def _assert_months_are_linked(home: Home) -> None:
    """Or nothing was shown of publications that share files."""
    found = [manifest.read(folder) for folder in (home.published / "publications").iterdir()]
    before, after = sorted((one[0] for one in found if one), key=lambda one: one.deliveries)[-2:]
    folders = [home.published / "publications" / one.id / "parquet/sale" for one in (before, after)]
    linked = {path.name for path in folders[1].iterdir() if (folders[0] / path.name).exists() and path.samefile(folders[0] / path.name)}
    assert linked == {f"{month:%Y-%m}.parquet" for month in _sales(PUBLICATIONS)} - {f"{_touched(PUBLICATIONS):%Y-%m}.parquet"}
