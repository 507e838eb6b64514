"""Readers while nights are published: what a BI tool opens belongs to one publication, and opening it never fails."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publication import manifest, publish
from orchestration.settings import Home
from orchestration.warehouse.models import Model, ModelColumn

# Four processes of five threads each: readers in one process share what DuckDB has open, readers in several don't.
PROCESSES, THREADS, PUBLICATIONS, ROWS = 4, 5, 5, 20_000
_COLUMNS = (ModelColumn("number", "bigint", "Counts the rows."), ModelColumn("edition", "integer", "Which publication it is of."))
_TABLES = tuple(Model(f"model.repledger.{name}", name, "answers", "main", False, "Rows.", "", (), _COLUMNS, ("number",), (), ()) for name in ("first", "last"))


def _publish(home: Home, edition: int) -> None:
    home.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        for table in _TABLES:
            connection.execute(f"create table {table.name} as select range as number, {edition} as edition from range({ROWS})")
    imprint = publish.Imprint("A company", "2025-01-31", str(edition), "c", "s", edition, f"night {edition}")
    publish.publish(home, _TABLES, imprint, lambda folder, _: (folder / "index.html").write_text("a page") and None)


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
    _edition(published / "repledger.duckdb", "first", "last")
    folder = (published / "current").resolve()
    return _as_in_manifest(folder, _edition(folder / "repledger.duckdb", "first", "last"))


def _edition_of_parquet(published: Path) -> int:
    folder = (published / "parquet").resolve().parent
    return _as_in_manifest(folder, _edition(None, *(f"'{folder}/parquet/{table.name}.parquet'" for table in _TABLES)))


def _edition(file: Path | None, *tables: str) -> int:
    both = " union all ".join(f"select edition from {table}" for table in tables)
    with duckdb.connect(str(file), read_only=True) if file else duckdb.connect() as connection:
        editions = connection.execute(f"select edition, count(*) from ({both}) group by edition").fetchall()
    assert [rows for _, rows in editions] == [2 * ROWS], f"mixed: {editions}"
    return int(editions[0][0])


def _as_in_manifest(folder: Path, edition: int) -> int:
    read = manifest.read(folder)
    assert read and read[0].deliveries == edition, f"{edition} beside the manifest of {read}"
    return edition


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
