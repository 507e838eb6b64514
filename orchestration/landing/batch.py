"""Delivered files -> Parquet in the scratch folder, some at once: each is read, hashed and checked, or refused.

A small file costs DuckDB more to plan for than to read, so the cells of small files of one entity are looked at together, and one by
one only if any of them forbids its delivery.
Belongs here: threads, their connections and scratch. Doesn't: what is new, raw, the ledger (`loader`), reading a CSV (`readers`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import duckdb

from orchestration.errors import RepledgerError
from orchestration.files import file_sha256
from orchestration.landing.cells import check_cells
from orchestration.landing.landed import Landed, Placed
from orchestration.landing.problems import RefusalError
from orchestration.landing.readers import Reading, read_csv
from orchestration.settings import Home

_MOST_FILES, _MOST_BYTES, _SMALL_BYTES = 64, 256_000_000, 4_000_000
_MOST_READERS = 4


@dataclass
class Read:
    """A file that was looked at. reading: what stands in `rows`, null if its bytes are known; refusal: why it can't be taken."""

    placed: Placed
    rows: Path
    sha256: str = ""
    reading: Reading | None = None
    refusal: RefusalError | None = None


class Batch:
    """Reads batches of files on several threads, each with a connection and a scratch folder of its own."""

    def __init__(self, home: Home, scratch: Path) -> None:
        self._home, self._scratch = home, scratch
        self._readers: SimpleQueue[_Reader] = SimpleQueue()
        self._count = max(1, min(_MOST_READERS, os.cpu_count() or 1))
        for number in range(self._count):
            self._readers.put(_Reader(home, scratch / f"reader_{number}"))

    def close(self) -> None:
        """Close the connections."""
        while not self._readers.empty():
            self._readers.get().close()

    def read(self, placed: Sequence[Placed], is_known: Callable[[Placed, str], bool]) -> Iterator[Read]:
        """Each file, in order. is_known: whether these bytes need not be read again. Raises RepledgerError if the home can't be written to."""

        def one(number: int, file: Placed) -> Read:
            reader = self._readers.get()
            try:
                return reader.read(Read(file, self._scratch / f"rows_{number}.parquet"), is_known)
            finally:
                self._readers.put(reader)

        with ThreadPoolExecutor(self._count) as threads:
            for batch in _batches(placed):
                found = list(threads.map(one, range(len(batch)), batch))
                self._check([read for read in found if read.reading is not None and _is_small(read.placed)])
                yield from found

    def _check(self, found: Sequence[Read]) -> None:
        """The cells of small files: of all together, then of each if there is anything to tell."""
        reader = self._readers.get()
        try:
            if found and not reader.has_passed(found):
                for read in found:
                    reader.check(read)
        finally:
            self._readers.put(reader)


class _Reader:
    """One connection to nothing, which spills to a folder of its own."""

    def __init__(self, home: Home, scratch: Path) -> None:
        self._home, self._scratch = home, scratch
        scratch.mkdir(parents=True)
        self._connection = connect(scratch)

    def close(self) -> None:
        self._connection.close()

    def read(self, read: Read, is_known: Callable[[Placed, str], bool]) -> Read:
        """Hash the file, and read it if its bytes are new; a large one is checked at once."""
        landed = read.placed.landed
        try:
            read.sha256 = hash_of(landed)
        except RefusalError as refusal:
            read.refusal = refusal
            return read
        if is_known(read.placed, read.sha256):
            return read
        self._try(read, self._read_rows)
        if read.refusal is None and not _is_small(read.placed):
            self.check(read)
        return read

    def check(self, read: Read) -> None:
        """Look at the cells of one file."""
        self._try(read, lambda one: check_cells(self._connection, [one.rows], one.placed.declared, file=one.placed.landed.file))

    def has_passed(self, found: Sequence[Read]) -> bool:
        """True if no cell of these files, all of one entity, forbids a delivery."""
        try:
            check_cells(self._connection, [one.rows for one in found], found[0].placed.declared, file="")
        except (RefusalError, duckdb.Error):
            return False
        return True

    def _read_rows(self, read: Read) -> None:
        landed = read.placed.landed
        read.reading = read_csv(self._connection, landed.path, read.placed.declared, file=landed.file, scratch=self._scratch, to=read.rows)
        if _stat(landed) != (landed.size_bytes, landed.mtime_ns):
            raise RefusalError("changed while it was being read", where=landed.file, do="deliver a file as .part and rename it when it is whole")

    def _try(self, read: Read, do: Callable[[Read], None]) -> None:
        file = read.placed.landed.file
        try:
            do(read)
        except RefusalError as refusal:
            read.reading, read.refusal = None, refusal
        except duckdb.IOException as error:
            raise RepledgerError("DuckDB can't write to the home", where=str(self._home.root), do="look whether the disk is full") from error
        except duckdb.Error as error:
            # A fatal error of DuckDB breaks the connection; its text may hold cells.
            self._connection.close()
            self._connection = connect(self._scratch)
            what = f"DuckDB can't read it ({type(error).__name__})"
            read.reading, read.refusal = None, RefusalError(what, where=file, do="deliver it again with every field in quotes")


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A connection to nothing, that spills to `scratch`. One thread: rows are numbered in order, so more of them only wait for each other."""
    return duckdb.connect(config={"temp_directory": str(scratch), "preserve_insertion_order": True, "threads": 1})


def hash_of(landed: Landed) -> str:
    """The sha256 of the file's bytes. Raises RefusalError if they can't be read."""
    try:
        return file_sha256(landed.path)
    except OSError as error:
        raise RefusalError(f"can't be read ({error.strerror})", where=landed.file, do="give this user the right to read it") from error


def _batches(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Neighbours of one entity, few enough that their rows are soon in raw."""
    batch: list[Placed] = []
    size = 0
    for one in placed:
        size += one.landed.size_bytes
        if batch and (one.declared != batch[0].declared or len(batch) == _MOST_FILES or size > _MOST_BYTES):
            yield batch
            batch, size = [], one.landed.size_bytes
        batch.append(one)
    if batch:
        yield batch


def _is_small(placed: Placed) -> bool:
    return placed.landed.size_bytes <= _SMALL_BYTES


def _stat(landed: Landed) -> tuple[int, int]:
    try:
        stat = landed.path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
