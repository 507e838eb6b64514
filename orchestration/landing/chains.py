"""Compacted snapshots: a chain of extracts of one source and entity, each row kept once with the extracts that showed it.

    raw/<source>/<entity>/compacted.json               the extracts, in order, and the two files that hold their rows
    raw/<source>/<entity>/compacted-<name>.parquet     a row: the delivered columns, first and last extract date, line in the first
    raw/<source>/<entity>/compacted-<name>-moves.parquet    where lines shifted against the extract before: from which line on, by how much

An extract that has a Parquet file of its own is read from there, whatever a chain holds of it: so a kill while a chain takes its
place loses nothing, and a file that was read again with more columns counts as it was read.
Belongs here: what stands in a chain and how its rows are told again. Doesn't: making one (`compaction`).
"""

import bisect
import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import RepledgerError
from orchestration.settings import Home

if TYPE_CHECKING:
    import duckdb

CHAIN = "compacted.json"
PREFIX = "compacted-"
SHORT = 12


@dataclass(frozen=True)
class Member:
    """An extract of a chain. name: the beginning of its file's hash, as raw calls it.

    columns: those that its file was read with; the chain holds null for the others.
    """

    extract_date: dt.date
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """The compacted snapshots of one source and entity. columns: of its rows; members: by extract date, one a date."""

    folder: Path
    name: str
    columns: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def rows(self) -> Path:
        return self.folder / f"{PREFIX}{self.name}.parquet"

    @property
    def moves(self) -> Path:
        return self.folder / f"{PREFIX}{self.name}-moves.parquet"

    def as_json(self) -> str:
        """The text of compacted.json. Column names, which nearly all extracts share, stand once."""
        kinds = list(dict.fromkeys(one.columns for one in self.members))
        members = [[one.extract_date.isoformat(), one.name, kinds.index(one.columns)] for one in self.members]
        return json.dumps({"name": self.name, "columns": self.columns, "read_with": kinds, "members": members}, separators=(",", ":")) + "\n"


@dataclass(frozen=True)
class Piece:
    """A run of counting extracts of a chain with no other delivery between them: a row that all of them showed is told once."""

    first_on: dt.date
    last_on: dt.date


def entity_folder(home: Home, source: str, entity: str) -> Path:
    """Where raw keeps an entity."""
    return home.raw / source / entity


def read_chain(folder: Path | str) -> Chain | None:
    """The chain of an entity's folder, if it has one. Raises RepledgerError if it can't be read."""
    path = Path(folder, CHAIN)
    try:
        table: dict[str, Any] = json.loads(path.read_bytes())
        kinds = [tuple(names) for names in table["read_with"]]
        members = tuple(Member(dt.date.fromisoformat(date), name, kinds[kind]) for date, name, kind in table["members"])
        return Chain(Path(folder), table["name"], tuple(table["columns"]), members)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RepledgerError("can't be read, it is damaged", where=str(path), do="restore the entity's folder in raw from a backup") from error


def stems(folder: Path | str) -> frozenset[tuple[str, str]]:
    """The ledger entries whose rows the chain of this folder holds."""
    chain = read_chain(folder)
    return frozenset((one.extract_date.isoformat(), one.name) for one in chain.members) if chain else frozenset()


def pieces(counting: Sequence[dt.date], others: Collection[dt.date]) -> tuple[Piece, ...]:
    """counting: extract dates of a chain that count, in order; others: dates of deliveries that stand beside it.

    An extract of the very date of another delivery stands alone: of one date, rows of both may be of one key.
    """
    dates = sorted(others)
    blocks: dict[tuple[int, int], list[dt.date]] = {}
    for date in counting:
        blocks.setdefault((bisect.bisect_left(dates, date), bisect.bisect_right(dates, date)), []).append(date)
    return tuple(Piece(block[0], block[-1]) for block in blocks.values())


class Telling:
    """A chain as the warehouse reads it: which of its extracts count, under which file, and which deliveries stand beside."""

    def __init__(self, chain: Chain, files: Mapping[dt.date, str], others: Collection[dt.date]) -> None:
        """files: the file of each counting extract by date. others: dates of the entity's deliveries that count and are not in it."""
        self.chain, self._files = chain, files
        self._all = [one.extract_date for one in chain.members]
        self._counting = sorted(files)
        self.pieces = pieces(self._counting, others)

    def days(self) -> Iterator[tuple[dt.date, dt.date | None, dt.date | None, str | None]]:
        """Each extract date of the chain, the next that counts from there on, the last that counts up to there, and its file."""
        for date in self._all:
            after = bisect.bisect_left(self._counting, date)
            before = bisect.bisect_right(self._counting, date)
            following = self._counting[after] if after < len(self._counting) else None
            yield date, following, self._counting[before - 1] if before else None, self._files.get(date)

    def begun_later(self) -> list[dt.date]:
        """Extract dates at which a row may be told anew that an earlier extract showed first: its line there must be looked up."""
        starts = {piece.first_on for piece in self.pieces}
        starts |= {following for date, following, _, _ in self.days() if following is not None and following != date}
        return sorted(starts - set(self._all[:1]))


def lines_at(connection: "duckdb.DuckDBPyConnection", chain: Chain, dates: Sequence[dt.date]) -> Iterator[tuple[dt.date, Any, Any]]:
    """For each date the rows that its extract showed and an earlier one showed first: their numbers and lines there, as arrays."""
    if not dates:
        return
    import numpy as np

    rows: dict[str, Any] = connection.execute(f"select _row, _first_on, _until_on, _line from {_read(chain.rows)} order by _row").fetchnumpy()
    moves: dict[str, Any] = connection.execute(f"select extract_date, from_line, shift from {_read(chain.moves)} order by all").fetchnumpy()
    moved_on = moves["extract_date"].astype("datetime64[D]")
    first_on, until_on = rows["_first_on"].astype("datetime64[D]"), rows["_until_on"].astype("datetime64[D]")
    lines, upcoming = rows["_line"].copy(), list(dates)
    for date in [*np.unique(moved_on), None]:
        while upcoming and (date is None or np.datetime64(upcoming[0]) < date):
            yield _shown(upcoming.pop(0), rows["_row"], first_on, until_on, lines)
        if date is None or not upcoming:
            return
        moved = slice(np.searchsorted(moved_on, date), np.searchsorted(moved_on, date, side="right"))
        alive = (first_on < date) & (until_on >= date)
        place = np.searchsorted(moves["from_line"][moved], lines[alive], side="right") - 1
        lines[alive] += np.where(place >= 0, moves["shift"][moved][place], 0)


def _shown(date: dt.date, numbers: Any, first_on: Any, until_on: Any, lines: Any) -> tuple[dt.date, Any, Any]:
    import numpy as np

    shown = (first_on < np.datetime64(date)) & (until_on >= np.datetime64(date))
    return date, numbers[shown], lines[shown]


def _read(path: Path) -> str:
    from orchestration.landing.readers import glob_literal, literal

    return f"read_parquet({literal(glob_literal(path))}, hive_partitioning = false)"
