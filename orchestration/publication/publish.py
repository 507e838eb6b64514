"""From a finished warehouse to what readers see, by one flip of a link.

Belongs here: the folder of a publication, the flip, what is kept. Doesn't: the forms it is written in (`targets`).
Everything is written in a folder with a dot before its name and renamed when whole, so a night that is killed at any moment
leaves the last publication as it was. The caller holds the lock, so whatever lies about half-written is nobody's.
"""

import contextlib
import gzip
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from orchestration.files import flush
from orchestration.landing.chains import SHORT
from orchestration.publication import manifest, restatement, retention, targets
from orchestration.publication.leftovers import BUILDING, LINK, clear_leftovers
from orchestration.publication.manifest import DATABASE, FILES, MANIFEST, PUBLISHED_AT, Publication, PublishedTable
from orchestration.publication.restated_inputs import Side
from orchestration.settings import Home, Retention
from orchestration.warehouse.models import Model
from orchestration.warehouse.told import months_made_anew

MADE_FROM = "made_from.txt.gz"


@dataclass(frozen=True)
class Imprint:
    """What a publication says beside its tables. published_at: the landing's clock, kept out of every table.

    files: sha256 by delivery that it was made from, which `prune` asks for. settings_by_name: as in the manifest.
    """

    company: str
    as_of: str
    fingerprint: str
    code: str
    settings: str
    deliveries: int
    published_at: str
    as_known_on: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    settings_by_name: Mapping[str, str] = field(default_factory=dict)


def publish(
    home: Home,
    models: Sequence[Model],
    imprint: Imprint,
    write_page: Callable[[Path, Publication], None],
    kept: Retention | None = None,
    *,
    told_on_from: str = "",
) -> Publication:
    """Write what the warehouse holds and let readers see it. write_page gets the folder with the tables and puts index.html there.

    told_on_from: fingerprint of the warehouse that this one was told on from. If readers see that, what did not change is taken from it.
    Then older publications go. Readers see the new night already, so nothing that goes wrong there makes the night a failed one.
    """
    publications = home.published / "publications"
    publications.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.published.chmod(0o700)
    clear_leftovers(home)
    building = publications / BUILDING
    building.mkdir(mode=0o700)
    publication = _write(home, building, models, imprint, write_page, _base(home, models, told_on_from))
    folder = publications / publication.id
    if folder.exists():
        shutil.rmtree(building)
    else:
        flush([*building.rglob("*"), building])
        building.rename(folder)
    _show(home, folder)
    for path in retention.split(home, kept or Retention())[1]:
        with contextlib.suppress(OSError):
            retention.remove(path)
    return publication


def made_from(publication: Path) -> set[tuple[str, str]] | None:
    """The deliveries that a publication was made from, each with the beginning of its hash; None if it does not say."""
    try:
        with gzip.open(publication / MADE_FROM, "rt", encoding="utf-8") as lines:
            pairs = (line.rstrip("\n").split(" ", 1) for line in lines)
            return {(file, sha256) for sha256, file in pairs}
    except (OSError, EOFError, ValueError):
        return None


def _base(home: Home, models: Sequence[Model], told_on_from: str) -> targets.Base | None:
    shown = manifest.current(home)
    if not told_on_from or shown is None or shown[0].fingerprint != told_on_from:
        return None
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        months = {model.name: months_made_anew(connection, model.made_anew) for model in models if model.made_anew}
    return targets.Base((home.published / "current").resolve(), {table.name: table for table in shown[0].tables}, months)


def _write(
    home: Home,
    building: Path,
    models: Sequence[Model],
    imprint: Imprint,
    write_page: Callable[[Path, Publication], None],
    base: targets.Base | None,
) -> Publication:
    database = building / DATABASE
    targets.write_duckdb(home.warehouse, database, models, base)
    tables = targets.write_parquet(database, building / "parquet", [model for model in models if model.name != restatement.TABLE], base)
    facts = {name: value for name, value in vars(imprint).items() if name not in ("published_at", "files")}
    publication = Publication(**facts, tables=tables)
    restated = [_write_restatement(home, building, publication, model) for model in models if model.name == restatement.TABLE]
    publication = replace(publication, restatement=restated[0]) if restated else publication
    (building / MANIFEST).write_text(publication.as_json(), encoding="utf-8")
    (building / PUBLISHED_AT).write_text(f"{imprint.published_at}\n")
    told = "".join(f"{sha256[:SHORT]} {file}\n" for file, sha256 in sorted(imprint.files.items()))
    (building / MADE_FROM).write_bytes(gzip.compress(told.encode(), mtime=0))
    write_page(building, publication)
    return publication


def _write_restatement(home: Home, building: Path, publication: Publication, model: Model) -> PublishedTable:
    """Why its figures are not those that readers see until now. A look-back says nothing: an earlier one at the same day is no yesterday."""
    shown = manifest.current(home)
    if shown is not None and not home.as_known_on:
        sides = Side((home.published / "current").resolve(), shown[0]), Side(building, publication)
        home.work.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="restatement_", dir=home.work) as scratch:
            restatement.fill(home, *sides, building / DATABASE, Path(scratch))
    return targets.write_parquet(building / DATABASE, building / "parquet", [model])[0]


def _show(home: Home, folder: Path) -> None:
    """The flip: readers find the old publication before the rename and the new one after it, never neither."""
    link = home.published / LINK
    link.symlink_to(folder.relative_to(home.published))
    link.replace(home.published / "current")
    for name in FILES:
        stable = home.published / name
        if not stable.is_symlink():
            stable.symlink_to(Path("current") / name)
