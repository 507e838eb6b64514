"""Taking in what is new in the landing: each file is loaded whole into raw, or refused whole. One refused file stops no other.

Belongs here: what is new, and what became of each file. Doesn't: reading a file into raw (`loader`), what a place says (`landed`).
Nothing heavy is imported while nothing is new.
"""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from orchestration.errors import RepledgerError
from orchestration.landing import ledger
from orchestration.landing.landed import Landed, Landing, Placed
from orchestration.landing.ledger import Content, Delivery
from orchestration.landing.lost_columns import lost_columns
from orchestration.landing.problems import RefusalError
from orchestration.settings import Company, Home

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FailedDelivery:
    """A file that could not be taken. reason names the line; do: what to do next. All of it may be shown and kept."""

    source: str
    entity: str
    extract_date: str
    file: str
    reason: str
    do: str = ""


@dataclass(frozen=True)
class Intake:
    """What came of it. loaded: new deliveries; unchanged: files that are known as they are."""

    loaded: tuple[Delivery, ...]
    failed: tuple[FailedDelivery, ...]
    unchanged: int


def _silent(_: str, __: int, ___: int) -> None:
    """Show nothing."""


def take_in(
    home: Home,
    company: Company,
    today: dt.date,
    *,
    only_assets: Collection[str] | None = None,
    only_dates: Collection[dt.date] | None = None,
    progress: Progress = _silent,
) -> Intake:
    """Load every new or changed file of the landing. Never raises for a bad file; raises RepledgerError if the home can't be written to.

    today: extract dates after it are refused. only_assets, only_dates: take in what belongs to these raw assets and dates alone.
    """
    contents = ledger.read_contents(home)
    known = _Known(contents)
    placed, refused = _place(Landing(home, company, max(today, known.latest_date)))
    if only_assets is not None or only_dates is not None:
        placed = [one for one in placed if _is_asked_for(one, only_assets, only_dates)]
        refused = []
    new = [one for one in placed if not known.has(one)]
    try:
        _forget_failures(home, None if only_assets is None and only_dates is None else placed)
        contents, loaded, more_refused = _load(home, contents, new, progress) if new or known.has_lost_name else (contents, (), [])
        lost = [one for one in lost_columns(company, contents) if _is_asked_for(one[0], only_assets, only_dates)]
        failures = [*((landed.file, refusal) for landed, refusal in [*refused, *more_refused]), *((refusal.where, refusal) for _, refusal in lost)]
        failed = [_write_failure(home, file, refusal) for file, refusal in failures]
    except OSError as error:
        what = f"the home can't be written to ({error.strerror or error})"
        raise RepledgerError(what, where=str(home.root), do="give this user the right and the room to write there, or name another --home") from error
    return Intake(loaded, tuple(failed), len(placed) - len(new))


def unsaid(home: Home, company: Company) -> tuple[FailedDelivery, ...]:
    """On a look back: files known then that no longer have a column which they once had. They were loaded, and nothing is told while they count."""
    known = [one for one in ledger.read_contents(home) if home.as_known_on is None or one.extract_date <= home.as_known_on]
    return tuple(_failure(refusal.where, refusal) for _, refusal in lost_columns(company, known))


def has_news(home: Home, company: Company, today: dt.date) -> bool:
    """True if the landing holds a file that is not known as it is."""
    known = _Known(ledger.read_contents(home))
    placed, refused = _place(Landing(home, company, max(today, known.latest_date)))
    return bool(refused) or known.has_lost_name or not all(known.has(one) for one in placed)


def delivered(home: Home, company: Company, today: dt.date) -> str:
    """One hash of every file that stands in the landing or counts in raw. Loading a file, and pruning it then, leave it as it is."""
    placed, refused = _place(Landing(home, company, today))
    contents = ledger.read_contents(home)
    latest = ledger.latest_sequences(contents)
    found = {naming.file: (content.size_bytes, naming.mtime_ns, "") for content in contents for naming in ledger.counting_names(content, latest)}
    found |= {one.landed.file: (one.landed.size_bytes, one.landed.mtime_ns, "") for one in placed}
    found |= {landed.file: (landed.size_bytes, landed.mtime_ns, "refused") for landed, _ in refused}
    return hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()


def waiting(home: Home, company: Company, today: dt.date, until: dt.date) -> int:
    """How many files of the landing, of extracts dated up to a day, would be loaded first if that day were to count them."""
    known = _Known(ledger.read_contents(home))
    placed, _ = _place(Landing(home, company, max(today, known.latest_date)))
    return sum(one.extract_date <= until and not known.has(one) for one in placed)


class _Known:
    """The files that stand in the ledger as they are, and count.

    latest_date: the latest extract date of one; whatever a clock says that was set back, it is not before that day.
    has_lost_name: a run was killed before rows were told under the name that they count under now (`Loader.mend_names`).
    """

    def __init__(self, contents: list[Content]) -> None:
        latest = ledger.latest_sequences(contents)
        self._undeclared: dict[tuple[str, int, int], frozenset[str]] = {}
        self.latest_date, self.has_lost_name = dt.date.min, False
        for content in contents:
            counting = ledger.counting_names(content, latest)
            if not counting:
                continue
            self.latest_date = max(self.latest_date, content.extract_date)
            self.has_lost_name |= counting[0].file != content.file
            undeclared = frozenset(content.undeclared_columns)
            self._undeclared |= {(one.file, content.size_bytes, one.mtime_ns): undeclared for one in counting}

    def has(self, placed: Placed) -> bool:
        """Same name, size and time, and none of the columns that were left out is declared now."""
        undeclared = self._undeclared.get((placed.landed.file, placed.landed.size_bytes, placed.landed.mtime_ns))
        return undeclared is not None and undeclared.isdisjoint(placed.column_names)


def _place(landing: Landing) -> tuple[list[Placed], list[tuple[Landed, RefusalError]]]:
    placed, refused = [], []
    for landed in landing.files():
        try:
            placed.append(landing.place(landed))
        except RefusalError as refusal:
            refused.append((landed, refusal))
    return placed, refused


def _is_asked_for(one: Placed | Content, only_assets: Collection[str] | None, only_dates: Collection[dt.date] | None) -> bool:
    is_asset = only_assets is None or one.asset_name in only_assets
    return is_asset and (only_dates is None or one.extract_date in only_dates)


def _load(
    home: Home, contents: list[Content], new: list[Placed], progress: Progress
) -> tuple[list[Content], tuple[Delivery, ...], list[tuple[Landed, RefusalError]]]:
    """Returns the ledger as it is then, what was taken, and what was refused."""
    from orchestration.landing.loader import Loader

    taken, refused = set(), []
    with Loader(home, contents) as loader:
        for number, (placed, outcome) in enumerate(loader.take(new), start=1):
            if isinstance(outcome, RefusalError):
                refused.append((placed.landed, outcome))
            elif outcome:
                taken.add(placed.landed.file)
            progress("taking in: file", number, len(new))
        loader.mend_names()
        contents = loader.contents
    loaded = tuple(one for one in ledger.deliveries_of(contents) if one.file in taken and one.state in ledger.COUNTING)
    return contents, loaded, refused


def _forget_failures(home: Home, asked_for: list[Placed] | None) -> None:
    """Clear what the last run wrote: all of it, or that of the files asked for."""
    folder = home.failed / "deliveries"
    if asked_for is None and folder.exists():
        shutil.rmtree(folder)
    for placed in asked_for or ():
        (folder / f"{placed.landed.file}.json").unlink(missing_ok=True)


def _write_failure(home: Home, file: str, refusal: RefusalError) -> FailedDelivery:
    """Keep what is wrong for the one who can mend it, and say it."""
    failure = _failure(file, refusal)
    table: dict[str, Any] = {"file": refusal.where, "what": refusal.what, "do": refusal.do, "lines": list(refusal.concerns)}
    path = home.failed / "deliveries" / f"{file}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    path.write_bytes(text.encode(errors="backslashreplace"))
    return replace(failure, do=f"{refusal.do}; {path} lists all {len(refusal.concerns):,} places") if len(refusal.concerns) > 1 else failure


def _failure(file: str, refusal: RefusalError) -> FailedDelivery:
    source, entity, date = (*file.split("/")[:-1], "", "", "")[:3]
    return FailedDelivery(source, entity, date, refusal.where, refusal.what, refusal.do)
