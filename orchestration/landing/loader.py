"""Files of a known place -> raw. One DuckDB connection for all of them.

Rows first, then rejected lines, then the ledger's entry, each written beside and renamed: a kill in between leaves rows that nobody
knows of, and the next run writes them again.
Belongs here: hashes, order of writing, sequence numbers. Doesn't: choosing files (`intake`), reading a CSV (`readers`).
"""

import datetime as dt
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import duckdb

from orchestration.errors import RepledgerError
from orchestration.landing import ledger
from orchestration.landing.cells import check_cells
from orchestration.landing.landed import Landed, Placed
from orchestration.landing.ledger import Content, Key, Naming
from orchestration.landing.problems import RefusalError
from orchestration.landing.readers import Reading, glob_literal, literal, read_csv
from orchestration.settings import Home


class Loader:
    """Takes files into raw and keeps the ledger. `contents`: all entries, as they stand after what was taken."""

    def __init__(self, home: Home, contents: list[Content]) -> None:
        self._home = home
        self._contents: dict[Key, Content] = {content.key: content for content in contents}
        self._latest = dict(ledger.latest_sequences(contents))
        self._sequence = max(self._latest.values(), default=0)
        self._scratch = home.work / "landing"

    def __enter__(self) -> "Loader":
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        self._home.raw.mkdir(exist_ok=True)
        self._connection = connect(self._scratch)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    @property
    def contents(self) -> list[Content]:
        return list(self._contents.values())

    def take(self, placed: Placed) -> bool:
        """Take one file in. False if only its time had changed. Raises RefusalError if it can't be taken."""
        sha256 = hash_of(placed.landed)
        key = (placed.declared.source, placed.declared.entity.name, placed.extract_date, sha256)
        known = self._contents.get(key)
        if known is None or not frozenset(known.undeclared_columns).isdisjoint(placed.column_names):
            self._remember(key, self._load(placed, sha256, known), placed)
            return True
        is_counting = any(one.file == placed.landed.file for one in ledger.counting_names(known, self._latest))
        self._remember(key, known, placed)
        return not is_counting

    def withdraw(self, file: str) -> None:
        """Let the name that counts count nowhere. Its bytes stay, and what the name meant before does not come back."""
        for key, content in list(self._contents.items()):
            for naming in ledger.counting_names(content, self._latest):
                if naming.file == file:
                    withdrawn = replace(naming, withdrawn_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
                    self._contents[key] = content.named(withdrawn)
                    ledger.write_content(self._home, self._contents[key])

    def mend_names(self) -> None:
        """Rows loaded under a name that counts no more (it has other bytes, or was withdrawn) are told under another that still has theirs."""
        for key, content in list(self._contents.items()):
            counting = ledger.counting_names(content, self._latest)
            if counting and counting[0].file != content.file:
                self._rename_rows(content, counting[0].file)
                self._contents[key] = replace(content, file=counting[0].file)
                ledger.write_content(self._home, self._contents[key])

    def _load(self, placed: Placed, sha256: str, known: Content | None) -> Content:
        """Read the file and put its rows and rejected lines in place. Returns the entry, not yet written."""
        declared, landed, rows = placed.declared, placed.landed, self._scratch / "rows.parquet"
        reading = self._read(placed, rows)
        if _stat(landed) != (landed.size_bytes, landed.mtime_ns):
            raise RefusalError("changed while it was being read", where=landed.file, do="deliver a file as .part and rename it when it is whole")
        self._put(rows, placed, sha256, reading)
        return Content(
            source=declared.source,
            connector=declared.entity.connector,
            entity=declared.entity.name,
            mode=declared.mode,
            extract_date=placed.extract_date,
            sha256=sha256,
            size_bytes=landed.size_bytes,
            lines=reading.lines,
            loaded=reading.loaded,
            rejected=len(reading.rejects),
            columns=reading.columns,
            undeclared_columns=reading.undeclared,
            file=landed.file,
            names=known.names if known else (),
        )

    def _read(self, placed: Placed, rows: Path) -> Reading:
        file = placed.landed.file
        try:
            reading = read_csv(self._connection, placed.landed.path, placed.declared, file=file, scratch=self._scratch, to=rows)
            check_cells(self._connection, rows, placed.declared, file=file)
        except duckdb.IOException as error:
            raise RepledgerError("DuckDB can't write to the home", where=str(self._home.root), do="look whether the disk is full") from error
        except duckdb.Error as error:
            # A fatal error of DuckDB breaks the connection; its text may hold cells.
            self._connection.close()
            self._connection = connect(self._scratch)
            raise RefusalError(f"DuckDB can't read it ({type(error).__name__})", where=file, do="deliver it again with every field in quotes") from error
        return reading

    def _put(self, rows: Path, placed: Placed, sha256: str, reading: Reading) -> None:
        def path(ending: str) -> Path:
            return ledger.content_path(self._home, placed.declared.source, placed.declared.entity.name, placed.extract_date, sha256, ending)

        path("parquet").parent.mkdir(parents=True, exist_ok=True)
        move_beside(rows, path("parquet"))
        rejects = path("rejects.jsonl")
        if reading.rejects:
            ledger.write_beside(rejects, "".join(json.dumps(one.as_json(placed.landed.file), ensure_ascii=False) + "\n" for one in reading.rejects))
        else:
            rejects.unlink(missing_ok=True)

    def _remember(self, key: Key, content: Content, placed: Placed) -> None:
        """Write the entry with this name. A name that counts already keeps its place in the order."""
        file, mtime_ns = placed.landed.file, placed.landed.mtime_ns
        counting = next((one for one in ledger.counting_names(content, self._latest) if one.file == file), None)
        if counting is None:
            self._sequence += 1
            counting = Naming(file, mtime_ns, self._sequence, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
        self._contents[key] = content.named(replace(counting, mtime_ns=mtime_ns))
        self._latest[file] = counting.sequence
        ledger.write_content(self._home, self._contents[key])

    def _rename_rows(self, content: Content, file: str) -> None:
        path = ledger.content_path(self._home, content.source, content.entity, content.extract_date, content.sha256, "parquet")
        rows = self._scratch / "rows.parquet"
        renamed = f"select * replace ({literal(file)} as _file) from read_parquet({literal(glob_literal(path))}, hive_partitioning = false)"
        try:
            self._connection.execute(f"copy ({renamed}) to {literal(str(rows))} (format parquet, compression zstd)")
        except duckdb.InvalidInputException as error:
            raise ledger.damaged(self._home, path) from error
        move_beside(rows, path)


def connect(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A connection to nothing, that spills to `scratch`. One thread: rows are numbered in order, so more of them only wait for each other."""
    return duckdb.connect(config={"temp_directory": str(scratch), "preserve_insertion_order": True, "threads": 1})


def move_beside(rows: Path, path: Path) -> None:
    """Move a file so that others see all of it or nothing, from another disk too."""
    beside = path.with_name(f".{path.name}")
    shutil.move(rows, beside)
    beside.replace(path)


def hash_of(landed: Landed) -> str:
    """The sha256 of the file's bytes. Raises RefusalError if they can't be read."""
    try:
        with landed.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RefusalError(f"can't be read ({error.strerror})", where=landed.file, do="give this user the right to read it") from error


def _stat(landed: Landed) -> tuple[int, int]:
    try:
        stat = landed.path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
