"""Landing files: rows as CSV in the contract's columns, one file an entity and extract.

Belongs here: text of a cell, when a file is delivered at all. Doesn't: what the rows say (`snapshots`, `changes`).
"""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from orchestration.demo.calendar import NIGHTS_FROM, QUARTERS
from orchestration.demo.changes import Told
from orchestration.demo.snapshots import Change
from orchestration.landing.declarations import Entity, standard_entities

NIGHTLY = ("crm_user", "account", "employee", "job")
QUARTERLY = ("territory_assignment", "campaign", "goal", "reward", "ledger_balance")


def write_snapshots(landing: Path, source: str, entity: str, extracts: Iterable[dt.date], changes: Iterable[Change]) -> None:
    """All rows as they stand at each extract that has something new; in the nights, four of them with nothing new too.

    The QUARTERLY ones wait for the quarter's end: they carry their own dates, so that nothing depends on when they come.
    """
    header = _Header(standard_entities()[entity])
    delivered_on = [day for day in extracts if entity not in QUARTERLY or day > NIGHTS_FROM or day.month in QUARTERS]
    by_extract: dict[dt.date, list[tuple[Any, str | None]]] = defaultdict(list)
    for seen_on, key, row in sorted(changes, key=lambda change: change[0]):
        by_extract[delivered_on[bisect_left(delivered_on, seen_on)]].append((key, None if row is None else header.line(row)))
    rows: dict[Any, str] = {}
    for extract_on in delivered_on:
        for key, line in by_extract.get(extract_on, ()):
            if line is None:
                del rows[key]
            else:
                rows[key] = line
        if rows and (extract_on in by_extract or (extract_on > NIGHTS_FROM and entity in NIGHTLY)):
            _write(landing / source, header, extract_on, rows.values())


def write_deltas(landing: Path, source: str, entity: str, rows: Iterable[Told]) -> None:
    """What is new in each extract; nothing new is no file."""
    header = _Header(standard_entities()[entity])
    by_extract: dict[dt.date, list[str]] = defaultdict(list)
    for seen_on, row in rows:
        by_extract[seen_on].append(header.line(row))
    for extract_on, lines in sorted(by_extract.items()):
        _write(landing / source, header, extract_on, lines)


class _Header:
    """The columns of an entity, and a row as a line of them."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.columns = tuple(column.name for column in entity.columns)
        self._known = frozenset(self.columns)

    def line(self, row: dict[str, Any]) -> str:
        if not self._known.issuperset(row):
            raise ValueError(f"{self.entity.name} has no column {', '.join(sorted(row.keys() - self._known))}")
        return ",".join([_cell(row.get(column)) for column in self.columns])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if "," in text or '"' in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _write(source: Path, header: _Header, extract_on: dt.date, lines: Iterable[str]) -> None:
    folder = source / header.entity.name / extract_on.isoformat()
    folder.mkdir(parents=True)
    text = "\n".join(_with_header(header, lines)) + "\n"
    (folder / f"{header.entity.name}.csv").write_bytes(text.encode())


def _with_header(header: _Header, lines: Iterable[str]) -> Iterator[str]:
    yield ",".join(header.columns)
    yield from lines
