"""What lies in the landing folder: `landing/<source>/<entity>/<extract date>/<file>`.

Belongs here: walking it, and what can be said of a file by its place alone. Doesn't: opening files.
Dot files and `*.part` are not there yet. Links are followed, but never back to a folder that they lie in.
"""

import datetime as dt
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import RepledgerError
from orchestration.landing.declarations import Declared, declared_entities
from orchestration.landing.problems import RefusalError
from orchestration.settings import Company, Home

_DEPTH = 4
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = "put files at landing/<source>/<entity>/<extract date>/<file>"
# No extract of a system in use is older; a mistyped year would make as many daily partitions as days lie between.
FIRST_EXTRACT_DATE = dt.date(1990, 1, 1)


@dataclass(frozen=True)
class Landed:
    """A file in the landing. file: its path below landing/. problem: why it must not be opened, empty if it may."""

    path: Path
    file: str
    size_bytes: int
    mtime_ns: int
    problem: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.file.split("/"))


@dataclass(frozen=True)
class Placed:
    """A file whose place says what it is."""

    landed: Landed
    declared: Declared
    extract_date: dt.date

    @property
    def asset_name(self) -> str:
        return self.declared.asset_name

    @property
    def column_names(self) -> frozenset[str]:
        """The columns that we take."""
        return frozenset(column.name for column in self.declared.columns)


class Landing:
    """The landing of one company on one day."""

    def __init__(self, home: Home, company: Company, today: dt.date) -> None:
        self._home, self._today = home, today
        self._declared: Mapping[tuple[str, str], Declared] = {(one.source, one.entity.name): one for one in declared_entities(company, str(home.company_file))}
        self._sources = frozenset(company.sources)

    def files(self) -> list[Landed]:
        """Every file that is there, by name."""
        return sorted(_walk(self._home.landing, "", frozenset()), key=lambda landed: landed.file)

    def place(self, landed: Landed) -> Placed:
        """What the place says. Raises RefusalError if it says nothing that can be."""
        if not landed.file.isprintable():
            raise RefusalError("the name of the file or of its folder holds bytes that are no text", where=ascii(landed.file), do="rename it")
        if landed.problem:
            raise RefusalError(landed.problem, where=landed.file, do="put the file itself there, or take it away")
        if len(landed.parts) != _DEPTH:
            raise RefusalError("is not where a delivery belongs", where=landed.file, do=_PLACE)
        source, entity, date, name = landed.parts
        if source not in self._sources:
            raise RefusalError(f"company.toml declares no source `{source}`", where=landed.file, do=f"declare [sources.{source}], or move the file")
        declared = self._declared.get((source, entity))
        if declared is None:
            do = f"declare it in [sources.{source}.entities], or move the file"
            raise RefusalError(f"company.toml declares no entity `{entity}` of the source `{source}`", where=landed.file, do=do)
        if not name.lower().endswith((".csv", ".csv.gz", ".zip")):
            raise RefusalError("is no .csv, .csv.gz or .zip", where=landed.file, do="deliver it as CSV; a file that is still being written is named .part")
        return Placed(landed, declared, self._extract_date(date, landed.file))

    def _extract_date(self, text: str, file: str) -> dt.date:
        try:
            date = dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            date = None
        if date is None:
            raise RefusalError(f"the folder `{text}` is no extract date", where=file, do="name it like 2024-01-31")
        if date > self._today:
            raise RefusalError(f"the extract date {date} is in the future (today is {self._today})", where=file, do="move the file to the date of its extract")
        if date < FIRST_EXTRACT_DATE:
            raise RefusalError(f"the extract date {date} is before {FIRST_EXTRACT_DATE}", where=file, do="move the file to the date of its extract")
        return date


def is_there_yet(file: str) -> bool:
    """False of dot files and `*.part`, and of all that lies in folders named so. file: a path below landing/."""
    return not any(name.startswith(".") or name.endswith(".part") for name in file.split("/"))


def landed_at(path: Path | str, file: str) -> Landed:
    """What lies at a path, known as `file` below landing/. Raises FileNotFoundError if nothing does."""
    return _landed(path, file, os.stat(path))  # noqa: PTH116 (a Path a file costs more than the look)


def _landed(path: Path | str, file: str, found: os.stat_result) -> Landed:
    problem = "" if stat.S_ISREG(found.st_mode) else "is no file that can be read to an end (a pipe, a socket or a device)"
    return Landed(Path(path), file, found.st_size, found.st_mtime_ns, problem)


def _walk(folder: Path | str, below: str, above: frozenset[tuple[int, int]]) -> Iterator[Landed]:
    """The files below a folder. above: device and inode of the folders that were gone through to come here."""
    try:
        entries = list(os.scandir(folder))
        here = os.stat(folder)  # noqa: PTH116
    except FileNotFoundError:
        return
    except OSError as error:
        raise RepledgerError(f"can't be read ({error.strerror})", where=str(folder), do="give this user the right to read the landing") from error
    for entry in entries:
        if is_there_yet(entry.name):
            yield from _entry(entry, f"{below}{entry.name}", above | {(here.st_dev, here.st_ino)})


def _entry(entry: os.DirEntry[str], file: str, above: frozenset[tuple[int, int]]) -> Iterator[Landed]:
    """What one name in a folder stands for. A name without a file, like a link to what was pruned, is nothing."""
    try:
        found = entry.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        yield Landed(Path(entry.path), file, 0, 0, f"can't be looked at ({error.strerror})")
        return
    if not stat.S_ISDIR(found.st_mode):
        yield _landed(entry.path, file, found)
    elif (found.st_dev, found.st_ino) in above:
        yield Landed(Path(entry.path), file, 0, 0, "is a link to a folder that it lies in")
    else:
        yield from _walk(entry.path, f"{file}/", above)
