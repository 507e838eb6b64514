"""From a finished warehouse to what readers see, by one flip of a link.

Belongs here: the folder of a publication, the flip, what is kept. Doesn't: the forms it is written in (`targets`).
Everything is written in a folder with a dot before its name and renamed when whole, so a night that is killed at any moment
leaves the last publication as it was. The caller holds the lock, so whatever lies about half-written is nobody's.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from orchestration.publication import manifest, targets
from orchestration.publication.leftovers import BUILDING, LINK, clear_leftovers
from orchestration.publication.manifest import DATABASE, FILES, MANIFEST, PUBLISHED_AT, Publication
from orchestration.settings import Home
from orchestration.warehouse.models import Model
from orchestration.warehouse.told import months_made_anew

KEPT_NIGHTS = 14


@dataclass(frozen=True)
class Imprint:
    """What a publication says beside its tables. published_at: the landing's clock, kept out of every table."""

    company: str
    as_of: str
    fingerprint: str
    code: str
    settings: str
    deliveries: int
    published_at: str
    as_known_on: str = ""


def publish(home: Home, models: Sequence[Model], imprint: Imprint, write_page: Callable[[Path, Publication], None], told_on_from: str = "") -> Publication:
    """Write what the warehouse holds and let readers see it. write_page gets the folder with the tables and puts index.html there.

    told_on_from: fingerprint of the warehouse that this one was told on from. If readers see that, what did not change is taken from it.
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
        _flush(building)
        building.rename(folder)
    _show(home, folder)
    _prune(publications, folder)
    return publication


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
    tables = targets.write_parquet(database, building / "parquet", models, base)
    facts = {name: value for name, value in asdict(imprint).items() if name != "published_at"}
    publication = Publication(**facts, tables=tables)
    (building / MANIFEST).write_text(publication.as_json(), encoding="utf-8")
    (building / PUBLISHED_AT).write_text(f"{imprint.published_at}\n")
    write_page(building, publication)
    return publication


def _show(home: Home, folder: Path) -> None:
    """The flip: readers find the old publication before the rename and the new one after it, never neither."""
    link = home.published / LINK
    link.symlink_to(folder.relative_to(home.published))
    link.replace(home.published / "current")
    for name in FILES:
        stable = home.published / name
        if not stable.is_symlink():
            stable.symlink_to(Path("current") / name)


def _prune(publications: Path, shown: Path) -> None:
    """Keep the last nights and the last publication of every month. What is no publication is somebody else's and stays.

    Readers see the new night already, so nothing that goes wrong here makes the night a failed one: the next one clears it.
    """
    read = ((path, manifest.read(path)) for path in publications.iterdir() if not path.name.startswith("."))
    nights = sorted((found[0].as_of, found[1], path) for path, found in read if found)
    last_of_month = {as_of[:7]: path for as_of, _, path in nights}
    for _, _, path in nights[:-KEPT_NIGHTS]:
        if path != shown and path not in last_of_month.values():
            shutil.rmtree(path, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Have the disk hold all of it before its name says that it is whole."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
