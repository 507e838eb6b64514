"""The ledger of deliveries: which bytes came under which name, when, and what became of them.

One JSON a content, beside its rows: `raw/<source>/<entity>/extract_date=<date>/<first 12 of sha256>.json`. It lists every name that
these bytes came under, each with a sequence number; for each name the highest number in the whole ledger counts. So the same
bytes under two names load once, and a name whose bytes go from A to B and back to A means A.
Whoever holds the home's lock reads it once (`read_once`): an entry costs 40 µs, and ten years of daily files are 90,000 entries.
Belongs here: reading and writing entries, naming a damaged one. Doesn't: reading what was delivered, deciding what to load (`intake`).
"""

import datetime as dt
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from orchestration.errors import RepledgerError
from orchestration.files import file_sha256, flush
from orchestration.landing.chains import CHAIN, SHORT, stems
from orchestration.landing.declarations import declared_entities
from orchestration.settings import Company, Home

Key = tuple[str, str, dt.date, str]
State = Literal["loaded", "superseded", "repeated", "withdrawn"]
COUNTING: frozenset[State] = frozenset({"loaded", "repeated"})


@dataclass(frozen=True)
class Naming:
    """A name that a content came under. sequence: higher came later; loaded_at, withdrawn_at: the landing's clock, read by people only."""

    file: str
    mtime_ns: int
    sequence: int
    loaded_at: str
    withdrawn_at: str = ""


@dataclass(frozen=True)
class Content:
    """The bytes of a delivery and what was loaded of them. file: the name that stands in `_file` of the rows, below landing/.

    is_pruned: its rows, which counted nowhere, were removed (`retention`); delivered again, they are read again.
    """

    source: str
    connector: str
    entity: str
    mode: str
    extract_date: dt.date
    sha256: str
    size_bytes: int
    lines: int
    loaded: int
    rejected: int
    columns: tuple[str, ...]
    undeclared_columns: tuple[str, ...]
    file: str
    names: tuple[Naming, ...]
    is_pruned: bool = False

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.source, self.entity, self.extract_date, self.sha256

    @property
    def asset_name(self) -> str:
        return f"raw_{self.source}__{self.entity}"

    def named(self, naming: Naming) -> "Content":
        """The same with this name, in place of what the name had."""
        return replace(self, names=(*(one for one in self.names if one.file != naming.file), naming))


@dataclass(frozen=True)
class Delivery:
    """One name of one content. file: path below landing/.

    state: `loaded` (its rows count), `superseded` (the name came again with other bytes), `repeated` (the same bytes count under
    another name of that date, `same_as`; so this one has no lines of its own), `withdrawn` (a person took it back; the rows are kept
    and count nowhere).
    """

    source: str
    connector: str
    entity: str
    mode: str
    extract_date: dt.date
    file: str
    sha256: str
    size_bytes: int
    mtime_ns: int
    lines: int
    loaded: int
    rejected: int
    columns: tuple[str, ...]
    undeclared_columns: tuple[str, ...]
    sequence: int
    loaded_at: str
    withdrawn_at: str
    state: State
    same_as: str | None = None

    @property
    def name(self) -> str:
        return self.file.rpartition("/")[2]

    def parquet(self, home: Home) -> Path:
        """Where the rows are, unless they were compacted (`chains`)."""
        return content_path(home, self.source, self.entity, self.extract_date, self.sha256, "parquet")

    def rejects(self, home: Home) -> Path:
        """Where the rejected lines are, if there are any."""
        return content_path(home, self.source, self.entity, self.extract_date, self.sha256, "rejects.jsonl")


@dataclass
class _Memory:
    """A ledger as it was read and written since. deliveries: empty until they are asked for."""

    contents: dict[Key, Content]
    deliveries: list[Delivery] = field(default_factory=list)


# By raw folder, while `read_once` lasts; None until the first reading.
_memories: dict[Path, _Memory | None] = {}


@contextmanager
def read_once(home: Home) -> Iterator[None]:
    """While this lasts, the ledger is read once, and what this process writes is added. For the holder of the home's lock: nobody else writes."""
    raw = home.raw.resolve()
    if raw in _memories:
        yield
        return
    _memories[raw] = None
    try:
        yield
    finally:
        del _memories[raw]


def read_ledger(home: Home) -> list[Delivery]:
    """Every delivery that was ever taken in, by source, entity, extract date, name and sequence; on a look back, those known then."""
    memory = _memory(home)
    if memory is None:
        deliveries = deliveries_of(_read(home, home.raw))
    else:
        deliveries = memory.deliveries = memory.deliveries or deliveries_of(memory.contents.values())
    return [one for one in deliveries if home.as_known_on is None or one.extract_date <= home.as_known_on]


def declared_deliveries(home: Home, company: Company) -> list[Delivery]:
    """The deliveries of what company.toml declares now, in the mode that it says now."""
    modes = {(one.source, one.entity.connector, one.entity.name): one.mode for one in declared_entities(company)}
    keyed = [((one.source, one.connector, one.entity), one) for one in read_ledger(home)]
    return [one if one.mode == modes[key] else replace(one, mode=modes[key]) for key, one in keyed if key in modes]


def deliveries_of(contents: Iterable[Content]) -> list[Delivery]:
    """The deliveries of these contents, which must be all that share a name."""
    contents = tuple(contents)
    latest = latest_sequences(contents)
    found = [one for content in contents for one in _deliveries(content, latest)]
    return sorted(found, key=lambda one: (one.source, one.entity, one.extract_date, one.file, one.sequence))


def latest_sequences(contents: Iterable[Content]) -> Mapping[str, int]:
    """For each name the sequence that counts."""
    latest: dict[str, int] = defaultdict(int)
    for content in contents:
        for naming in content.names:
            latest[naming.file] = max(latest[naming.file], naming.sequence)
    return latest


def counting_names(content: Content, latest: Mapping[str, int]) -> list[Naming]:
    """The names under which the content counts; the first of them is the one that its rows are loaded under."""
    counting = [one for one in content.names if latest[one.file] == one.sequence and not one.withdrawn_at]
    return sorted(counting, key=lambda one: (one.file != content.file, one.sequence))


def read_contents(home: Home) -> list[Content]:
    """Every entry of the ledger whose rows are there. An entry without its rows is none: the file will be read again.

    Raises RepledgerError naming an entry that can't be read.
    """
    memory = _memory(home)
    return list(_read(home, home.raw) if memory is None else memory.contents.values())


def write_content(home: Home, content: Content) -> None:
    """Write the entry, or write it anew. It comes last: rows without an entry were never delivered."""
    names = [vars(naming) for naming in content.names]
    table = vars(content) | {"extract_date": content.extract_date.isoformat(), "names": names}
    path = content_path(home, content.source, content.entity, content.extract_date, content.sha256, "json")
    write_beside(path, json.dumps(table, ensure_ascii=False) + "\n")
    memory = _memories.get(home.raw.resolve())
    if memory is not None:
        memory.contents[content.key] = content
        memory.deliveries = []


def flush_contents(home: Home, contents: Iterable[Content]) -> None:
    """Have the disk hold these entries, their rows, rejected lines and folders: raw alone says what was delivered, once the landing is pruned."""
    entries = [content_path(home, one.source, one.entity, one.extract_date, one.sha256, "json") for one in contents]
    parts = [entry.with_suffix(ending) for entry in entries for ending in (".json", ".parquet", ".rejects.jsonl")]
    folders = {folder for below in {entry.parent for entry in entries} for folder in (below, *below.parents) if folder.is_relative_to(home.root)}
    flush([*(part for part in parts if part.exists()), *folders])


def content_path(home: Home, source: str, entity: str, extract_date: dt.date, sha256: str, ending: str) -> Path:
    """Where a part of a content stands."""
    return Path(home.raw, source, entity, f"extract_date={extract_date.isoformat()}", f"{sha256[:SHORT]}.{ending}")


def damaged(home: Home, path: Path) -> RepledgerError:
    """What to say of an entry or of rows that can't be read any more: whether the landing still has the bytes says what to do."""
    content = path.name.partition(".")[0]
    source, entity, folder, _ = path.parts[-4:]
    landed = (home.landing / source / entity / folder.removeprefix("extract_date=")).glob("*")
    if any(file_sha256(one).startswith(content) for one in landed if one.is_file()):
        do = f"delete {content}.parquet and {content}.json there, and the next night loads the landing's file again"
    else:
        do = "restore it from a backup: the landing no longer has the file that it was loaded from"
    return RepledgerError("can't be read, it is damaged", where=str(path), do=do)


def write_beside(path: Path, text: str) -> None:
    """Write a file so that others see all of it or nothing."""
    beside = path.with_name(f".{path.name}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _deliveries(content: Content, latest: Mapping[str, int]) -> Iterator[Delivery]:
    facts = {name: getattr(content, name) for name in _SHARED}
    counting = counting_names(content, latest)
    owner = counting[0].file if counting else content.file
    for naming in content.names:
        state = _state(naming, owner, latest)
        if naming.file == owner:
            yield Delivery(**facts, **vars(naming), state=state)
        else:
            yield Delivery(**facts | _NOTHING, **vars(naming), state=state, same_as=owner)


def _state(naming: Naming, owner: str, latest: Mapping[str, int]) -> State:
    if latest[naming.file] != naming.sequence:
        return "superseded"
    if naming.withdrawn_at:
        return "withdrawn"
    return "loaded" if naming.file == owner else "repeated"


_SHARED = ("source", "connector", "entity", "mode", "extract_date", "sha256", "size_bytes", "lines", "loaded", "rejected", "columns", "undeclared_columns")
_NOTHING = {"lines": 0, "loaded": 0, "rejected": 0}


def _memory(home: Home) -> _Memory | None:
    """What is remembered of the ledger, read first if need be; None when it is not to be remembered."""
    raw = home.raw.resolve()
    if raw in _memories and _memories[raw] is None:
        _memories[raw] = _Memory({content.key: content for content in _read(home, home.raw)})
    return _memories.get(raw)


def _read(home: Home, folder: Path | str, chained: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Content]:
    """All entries below a folder. scandir, since ten years of files are read every night. chained: entries whose rows a chain holds."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    names = {entry.name for entry in entries}
    if CHAIN in names:
        chained = stems(folder)
    date = os.path.basename(folder).removeprefix("extract_date=")  # noqa: PTH119
    for entry in entries:
        if entry.name.startswith(".") or entry.name == CHAIN:
            continue
        if entry.name.endswith(".json"):
            stem = entry.name.removesuffix(".json")
            content = _content(home, entry.path)
            if content.is_pruned or f"{stem}.parquet" in names or (date, stem) in chained:
                yield content
        elif not entry.name.endswith((".parquet", ".jsonl")) and entry.is_dir():
            yield from _read(home, entry.path, chained)


def _content(home: Home, path: str) -> Content:
    try:
        with open(path, "rb") as entry:  # noqa: PTH123 (Path costs a third of the time)
            table: dict[str, Any] = json.loads(entry.read())
        return Content(
            **table
            | {
                "extract_date": dt.date.fromisoformat(table["extract_date"]),
                "columns": tuple(table["columns"]),
                "undeclared_columns": tuple(table["undeclared_columns"]),
                "names": tuple(Naming(**naming) for naming in table["names"]),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(home, Path(path)) from error
