"""`repledger prune`: what need not be kept any longer, by the days and numbers that company.toml says under [retention].

From the landing: files that were loaded long ago and lie there unchanged; raw has their rows. From raw: rows that count nowhere (superseded,
withdrawn) and that no kept publication was made from. Publications and look-backs: see `publication.retention`. What counts is never removed, so every
day can be built again as it was known; of removed rows the ledger's entry stays, or a name that was withdrawn would count again.
Belongs here: finding these, removing them, the bytes. Doesn't: compacting what stays (`compaction`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.landing import ledger
from orchestration.landing.batch import hash_of
from orchestration.landing.compaction import clear_leftovers
from orchestration.landing.landed import Landed, Landing
from orchestration.landing.ledger import Content, Naming
from orchestration.landing.problems import RefusalError
from orchestration.lock import nightly_lock
from orchestration.publication import leftovers, retention
from orchestration.publication.publish import made_from
from orchestration.settings import Company, Home


@dataclass(frozen=True)
class Pruned:
    """What was removed of one kind, or would be. rule: why, in words of company.toml; number: files, publications, or look-backs."""

    kind: str
    rule: str
    number: int
    bytes: int


def prune(home: Home, company: Company, now: dt.datetime, *, dry_run: bool = False) -> list[Pruned]:
    """Remove what is past its days. now: aware. dry_run: only say what would go."""
    with nightly_lock(home):
        if not dry_run:
            leftovers.clear_leftovers(home)
            clear_leftovers(home)
        keys = company.retention
        kept, gone = retention.split(home, keys)
        kept_looks, gone_looks = retention.split_look_backs(home, keys)
        kept += [path for look_back in kept_looks for path in retention.publications(look_back)]
        landed = _landed(home, company, now, keys.landing_days) if keys.landing_days is not None else []
        contents = _useless(home, kept, now, keys.raw_days) if keys.raw_days is not None else []
        found = [
            Pruned("publications", f"beyond the last {keys.publications} and {_months(keys.month_ends)}", len(gone), sum(map(_bytes, gone))),
            Pruned("look-backs", _look_backs(keys.look_backs), len(gone_looks), sum(_bytes(path) for one in gone_looks for path in retention.folders(one))),
            Pruned("landing", _days(keys.landing_days, "loaded"), len(landed), sum(one.size_bytes for one, _ in landed)),
            Pruned("raw", _days(keys.raw_days, "counting nowhere"), len(contents), sum(_bytes(path) for one in contents for path in _rows(home, one))),
        ]
        if not dry_run:
            for look_back in gone_looks:
                retention.remove_look_back(look_back)
            _remove(home, gone, landed, contents)
        return found


def as_text(found: Sequence[Pruned], *, dry_run: bool) -> str:
    """The same for a person."""
    lines = [f"{one.kind}: {one.number:,} ({one.rule}), {one.bytes:,} bytes" for one in found]
    return "\n".join([*lines, f"{sum(one.bytes for one in found):,} bytes {'would be ' if dry_run else ''}removed"])


def _days(days: int | None, what: str) -> str:
    return "kept for good" if days is None else f"{what} for more than {days} days"


def _months(number: int | None) -> str:
    return "each month's last" if number is None else f"the last of {number} months"


def _look_backs(number: int | None) -> str:
    return "kept for good" if number is None else f"beyond the last {number}"


def _remove(home: Home, publications: Sequence[Path], landed: Sequence[tuple[Landed, Content]], contents: Sequence[Content]) -> None:
    for path in publications:
        retention.remove(path)
    # A night that was killed may have loaded them and not have come to it.
    ledger.flush_contents(home, [content for _, content in landed])
    for one, _ in landed:
        one.path.unlink(missing_ok=True)
        if not any(one.path.parent.iterdir()):
            one.path.parent.rmdir()
    # The word first: rows without it would be loaded rows, and a withdrawn name of them would have to be asked for again.
    for content in contents:
        ledger.write_content(home, replace(content, is_pruned=True))
    ledger.flush_contents(home, contents)
    for content in contents:
        for path in _rows(home, content):
            path.unlink(missing_ok=True)


def _landed(home: Home, company: Company, now: dt.datetime, days: int) -> list[tuple[Landed, Content]]:
    """Files that were loaded longer ago, whose very bytes are those that were loaded, and that count; with what raw has of them."""
    contents = ledger.read_contents(home)
    latest = ledger.latest_sequences(contents)
    loaded: dict[str, tuple[Content, Naming]] = {one.file: (content, one) for content in contents for one in ledger.counting_names(content, latest)}
    found = []
    for one in Landing(home, company, now.date()).files():
        content, naming = loaded.get(one.file, (None, None))
        if content is None or naming is None or one.problem or (one.size_bytes, one.mtime_ns) != (content.size_bytes, naming.mtime_ns):
            continue
        if _age(naming.loaded_at, now) > days and _is_same(one, content):
            found.append((one, content))
    return found


def _is_same(landed: Landed, content: Content) -> bool:
    try:
        return hash_of(landed) == content.sha256
    except RefusalError:
        return False


def _useless(home: Home, kept: Sequence[Path], now: dt.datetime, days: int) -> list[Content]:
    """Contents that have counted nowhere for longer, and that no kept publication was made from. One that does not say keeps them all."""
    named: set[tuple[str, str]] = set()
    for publication in kept:
        files = made_from(publication)
        if files is None:
            return []
        named |= files
    contents = ledger.read_contents(home)
    latest = ledger.latest_sequences(contents)
    ended = {(one.file, one.sequence): one.loaded_at for content in contents for one in content.names}
    return [
        content
        for content in contents
        if not ledger.counting_names(content, latest)
        and not any((one.file, content.sha256[: ledger.SHORT]) in named for one in content.names)
        and _age(max(one.withdrawn_at or ended[one.file, latest[one.file]] for one in content.names), now) > days
        and any(path.exists() for path in _rows(home, content))
    ]


def _age(at: str, now: dt.datetime) -> float:
    return (now - dt.datetime.fromisoformat(at)) / dt.timedelta(days=1)


def _rows(home: Home, content: Content) -> Iterator[Path]:
    for ending in ("parquet", "rejects.jsonl"):
        yield ledger.content_path(home, content.source, content.entity, content.extract_date, content.sha256, ending)


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file() and not one.is_symlink()) if path.is_dir() else 0
