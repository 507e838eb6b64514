"""What a night that was killed, or ran out of disk, left half-written beside the publications, and the scratch of look-backs that failed.

Belongs here: its names, clearing it. Doesn't: writing a publication (`publish`). Nothing heavy is imported, so every night can clear.
"""

import shutil

from orchestration.settings import Home

BUILDING, LINK, REMOVING = ".building", ".current", ".removing-"


def clear_leftovers(home: Home) -> None:
    """Remove it; readers never saw it. The caller holds the lock, so it is nobody's."""
    publications = home.published / "publications"
    left = [publications / BUILDING, *publications.glob(f"{REMOVING}*")]
    if home.as_known_on is None:
        left += [home.work / "as_known_on", *(home.published / "as_known_on").glob(f"{REMOVING}*")]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    (home.published / LINK).unlink(missing_ok=True)
