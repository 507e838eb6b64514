"""What dbt made of the project, lent to the homes of tests whose settings say the same: reading it anew takes a quarter of a small night.

Belongs here: lending and keeping those files. Doesn't: when they are stale, which `orchestration.warehouse.build` judges by their key.
"""

import shutil
import tempfile
from pathlib import Path

from orchestration.errors import RepledgerError
from orchestration.settings import Home, read_company
from orchestration.warehouse import build

_KEPT = tempfile.TemporaryDirectory(prefix="repledger-parsed-")


def lend(home: Home) -> None:
    """Give a home what was read for another of the same settings, unless it has read the project itself."""
    kept, target = _kept_for(home), build.manifest_file(home).parent
    if kept is not None and kept.is_dir() and not target.exists():
        shutil.copytree(kept, target)


def keep(home: Home) -> None:
    """Keep what a home has read, for the next."""
    kept, target = _kept_for(home), build.manifest_file(home).parent
    if kept is not None and not kept.exists() and build.is_parsed(home, read_company(home)):
        shutil.copytree(target, kept, ignore=lambda folder, names: [name for name in names if Path(folder, name).is_dir()])


def _kept_for(home: Home) -> Path | None:
    try:
        return Path(_KEPT.name, build.parse_key(read_company(home)))
    except (RepledgerError, OSError):
        return None
