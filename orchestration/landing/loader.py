"""Files of a known place -> raw.

Rows first, then rejected lines, then the ledger's entry, each written beside and renamed: a kill in between leaves rows that nobody
knows of, and the next run writes them again. When all is taken in, the disk is made to hold it, before anything is built from it.
Belongs here: order of writing, sequence numbers. Doesn't: choosing files (`intake`), reading them (`batch`).
"""

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import duckdb

from orchestration.landing import ledger
from orchestration.landing.batch import Batch, Read, connect
from orchestration.landing.landed import Placed
from orchestration.landing.ledger import Content, Key, Naming
from orchestration.landing.problems import RefusalError
from orchestration.landing.readers import Reading, glob_literal, literal
from orchestration.settings import Home


class Loader:
    """Takes files into raw and keeps the ledger. `contents`: all entries, as they stand after what was taken."""

    def __init__(self, home: Home, contents: list[Content]) -> None:
        self._home = home
        self._contents: dict[Key, Content] = {content.key: content for content in contents}
        self._latest = dict(ledger.latest_sequences(contents))
        self._sequence = max(self._latest.values(), default=0)
        self._scratch = home.work / "landing"
        self._written: set[Key] = set()

    def __enter__(self) -> "Loader":
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        self._home.raw.mkdir(exist_ok=True)
        self._batch = Batch(self._home, self._scratch)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._batch.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        if error is None:
            ledger.flush_contents(self._home, [self._contents[key] for key in self._written])

    @property
    def contents(self) -> list[Content]:
        return list(self._contents.values())

    def take(self, files: Sequence[Placed]) -> Iterator[tuple[Placed, bool | RefusalError]]:
        """Take files in, in order. For each: whether more than its time had changed, or why it can't be taken."""
        for read in self._batch.read(files, self._is_known):
            yield read.placed, read.refusal or self._take(read)

    def _is_known(self, placed: Placed, sha256: str) -> bool:
        """True if raw has their rows, and none of the columns that were left out is declared now."""
        known = self._contents.get(_key(placed, sha256))
        return known is not None and not known.is_pruned and frozenset(known.undeclared_columns).isdisjoint(placed.column_names)

    def _take(self, read: Read) -> bool:
        placed, key = read.placed, _key(read.placed, read.sha256)
        known = self._contents.get(key)
        # The same bytes may have been read twice, under two names at once.
        if read.reading is not None and not self._is_known(placed, read.sha256):
            self._remember(key, self._load(read, read.reading, known), placed)
            return True
        assert known is not None
        is_counting = any(one.file == placed.landed.file for one in ledger.counting_names(known, self._latest))
        self._remember(key, known, placed)
        return not is_counting

    def withdraw(self, file: str) -> None:
        """Let the name that counts count nowhere. Its bytes stay, and what the name meant before does not come back."""
        for key, content in list(self._contents.items()):
            for naming in ledger.counting_names(content, self._latest):
                if naming.file == file:
                    withdrawn = replace(naming, withdrawn_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
                    self._write(key, content.named(withdrawn))

    def mend_names(self) -> None:
        """Rows loaded under a name that counts no more (it has other bytes, or was withdrawn) are told under another that still has theirs."""
        for key, content in list(self._contents.items()):
            counting = ledger.counting_names(content, self._latest)
            if counting and counting[0].file != content.file:
                self._rename_rows(content, counting[0].file)
                self._write(key, replace(content, file=counting[0].file))

    def _load(self, read: Read, reading: Reading, known: Content | None) -> Content:
        """Put the rows and rejected lines in place. Returns the entry, not yet written."""
        placed, declared = read.placed, read.placed.declared
        self._put(read.rows, placed, read.sha256, reading)
        return Content(
            source=declared.source,
            connector=declared.entity.connector,
            entity=declared.entity.name,
            mode=declared.mode,
            extract_date=placed.extract_date,
            sha256=read.sha256,
            size_bytes=placed.landed.size_bytes,
            lines=reading.lines,
            loaded=reading.loaded,
            rejected=len(reading.rejects),
            columns=reading.columns,
            undeclared_columns=reading.undeclared,
            file=placed.landed.file,
            names=known.names if known else (),
        )

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
        self._latest[file] = counting.sequence
        self._write(key, content.named(replace(counting, mtime_ns=mtime_ns)))

    def _write(self, key: Key, content: Content) -> None:
        self._contents[key] = content
        self._written.add(key)
        ledger.write_content(self._home, content)

    def _rename_rows(self, content: Content, file: str) -> None:
        path = ledger.content_path(self._home, content.source, content.entity, content.extract_date, content.sha256, "parquet")
        if not path.is_file():  # compacted: a chain names no file, the ledger does
            return
        rows = self._scratch / "rows.parquet"
        renamed = f"select * replace ({literal(file)} as _file) from read_parquet({literal(glob_literal(path))}, hive_partitioning = false)"
        try:
            with connect(self._scratch) as connection:
                connection.execute(f"copy ({renamed}) to {literal(str(rows))} (format parquet, compression zstd)")
        except duckdb.InvalidInputException as error:
            raise ledger.damaged(self._home, path) from error
        move_beside(rows, path)


def move_beside(rows: Path, path: Path) -> None:
    """Move a file so that others see all of it or nothing, from another disk too."""
    beside = path.with_name(f".{path.name}")
    shutil.move(rows, beside)
    beside.replace(path)


def _key(placed: Placed, sha256: str) -> Key:
    return placed.declared.source, placed.declared.entity.name, placed.extract_date, sha256
