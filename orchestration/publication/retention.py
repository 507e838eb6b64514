"""Which publications are kept: the last nights, the last of each month for as many months as company.toml says, and the last look-backs.

Belongs here: choosing, removing so that nobody finds half a publication. Doesn't: landing and raw (`landing.retention`).
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

from orchestration.publication import manifest
from orchestration.publication.leftovers import REMOVING
from orchestration.settings import Home, Retention


def split(home: Home, retention: Retention) -> tuple[list[Path], list[Path]]:
    """The publications to keep and those to remove, oldest first. What readers see now is kept, whatever its age.

    What is no publication is somebody else's, and in neither.
    """
    nights = sorted(_nights(home.published / "publications"))
    last_of_month = {as_of[:7]: path for as_of, _, path in nights}
    months = sorted(last_of_month)
    kept_months = months if retention.month_ends is None else months[len(months) - min(retention.month_ends, len(months)) :]
    kept = {path for _, _, path in nights[-retention.publications :]} | {last_of_month[month] for month in kept_months}
    names = {path.name for path in kept} | {(home.published / "current").resolve().name}
    paths = [path for _, _, path in nights]
    return [path for path in paths if path.name in names], [path for path in paths if path.name not in names]


def split_look_backs(home: Home, retention: Retention) -> tuple[list[Home], list[Home]]:
    """The look-backs to keep and those to remove, by when they were published. A folder that shows nothing is in neither."""
    aside = home.published / "as_known_on"
    days = [day for path in aside.iterdir() if (day := day_of(path.name))] if aside.is_dir() else []
    looks_back = [home.as_known(day) for day in days]
    shown = [(published[1], str(one.as_known_on), one) for one in looks_back if (published := manifest.current(one))]
    found = [one for _, _, one in sorted(shown, key=lambda one: one[:2])]
    first_kept = 0 if retention.look_backs is None else max(0, len(found) - retention.look_backs)
    return found[first_kept:], found[:first_kept]


def day_of(name: str) -> dt.date | None:
    """The day that a look-back is called by, as `2021-03-31`; None if it is another name."""
    try:
        day = dt.date.fromisoformat(name)
    except ValueError:
        return None
    return day if str(day) == name else None


def publications(home: Home) -> list[Path]:
    """All that are there, oldest first."""
    return [path for _, _, path in sorted(_nights(home.published / "publications"))]


def remove_look_back(home: Home) -> None:
    """The publication last: as long as it is there, the next `prune` finds what a kill left of the rest."""
    for path in folders(home)[1:]:
        shutil.rmtree(path, ignore_errors=True)
    remove(home.published)


def folders(home: Home) -> tuple[Path, ...]:
    """All that a look-back keeps, first its publication."""
    return home.published, home.notes, home.failed


def remove(path: Path) -> None:
    """Out of sight first: what is removed in part is no publication any more. The next night clears what a kill leaves."""
    hidden = path.with_name(f"{REMOVING}{path.name}")
    path.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _nights(publications: Path) -> Iterator[tuple[str, str, Path]]:
    for path in publications.iterdir() if publications.is_dir() else ():
        found = None if path.name.startswith(".") else manifest.read(path)
        if found:
            yield found[0].as_of, found[1], path
