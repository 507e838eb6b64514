"""What dbt made of the project, lent to the homes of tests whose settings say the same: reading it anew takes a quarter of a small night.

Belongs here: lending and keeping those files. Doesn't: when they are stale, which `orchestration.warehouse.build` judges by their key.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from orchestration.errors import RepledgerError
from orchestration.settings import Home, read_company
from orchestration.warehouse import build

_OWN = tempfile.TemporaryDirectory(prefix="repledger-parsed-")
_FOLDERS = [Path(_OWN.name)]


def keep_in(folder: Path) -> None:
    """Keep it there from now on: where the processes that run tests side by side find it too."""
    folder.mkdir(exist_ok=True)
    _FOLDERS[:] = [folder]


def lend(home: Home) -> None:
    """Give a home what was read for another of the same settings, unless it has read the project itself."""
    kept, target = _kept_for(home), build.manifest_file(home).parent
    if kept is not None and kept.is_dir() and not target.exists():
        shutil.copytree(kept, target)


def keep(home: Home) -> None:
    """Keep what a home has read, for the next. It is there whole or not at all."""
    kept, target = _kept_for(home), build.manifest_file(home).parent
    if kept is not None and not kept.exists() and build.is_parsed(home, read_company(home)):
        copying = kept.with_name(f"{kept.name}.{os.getpid()}")
        shutil.copytree(target, copying, ignore=lambda folder, names: [name for name in names if Path(folder, name).is_dir()])
        with suppress(OSError):
            copying.rename(kept)
        shutil.rmtree(copying, ignore_errors=True)


def _kept_for(home: Home) -> Path | None:
    try:
        return Path(_FOLDERS[0], build.parse_key(read_company(home)))
    except (RepledgerError, OSError):
        return None
