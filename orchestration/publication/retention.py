"""Which publications are kept: the last nights, and the last of each month for as many months as company.toml says.

Belongs here: choosing, removing so that nobody finds half a publication. Doesn't: landing and raw (`landing.retention`).
"""

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
