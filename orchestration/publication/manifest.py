"""What a publication says of itself: manifest.json, and which publication is the current one.

Belongs here: reading and writing that file, the id. Doesn't: writing tables. Nothing heavy is imported.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration.settings import Home

MANIFEST = "manifest.json"
PUBLISHED_AT = "published_at"
DATABASE = "repledger.duckdb"
FILES = (DATABASE, "parquet", "index.html", MANIFEST)


@dataclass(frozen=True)
class PublishedTable:
    """A published table or view: its size and the hash of its Parquet file.

    files: of a table that is published by month, the hash of each file by its name; sha256 is then the hash over them.
    """

    name: str
    kind: str
    key: tuple[str, ...]
    rows: int
    columns: int
    sha256: str
    files: Mapping[str, str] = field(default_factory=dict)

    def paths(self, folder: Path) -> list[Path]:
        """Where it lies in a publication: one file, or those of its months."""
        parquet = folder / "parquet"
        return [parquet / self.name / name for name in sorted(self.files)] if self.files else [parquet / f"{self.name}.parquet"]

    def odd_paths(self, other: "PublishedTable", folder: Path) -> list[Path]:
        """Those that another publication of the table does not have with the same bytes: only their rows may be told otherwise."""
        if not self.files:
            return [] if self.sha256 == other.sha256 else self.paths(folder)
        return [path for path in self.paths(folder) if self.files[path.name] != other.files.get(path.name)]


@dataclass(frozen=True)
class Publication:
    """A finished night. code, settings: hashes of what shaped it; deliveries: number of files that it was made from.

    as_known_on: the day that a look back was made for, else empty. restatement: what changed since the publication before it, and so no
    part of what the same input makes again. settings_by_name: a hash of each setting; empty of a release that did not tell them apart.
    """

    company: str
    as_of: str
    fingerprint: str
    code: str
    settings: str
    deliveries: int
    tables: tuple[PublishedTable, ...]
    as_known_on: str = ""
    restatement: PublishedTable | None = None
    settings_by_name: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """One hash over the tables' hashes: two publications with the same say the same."""
        return hashlib.sha256("".join(f"{table.name} {table.sha256}\n" for table in self.tables).encode()).hexdigest()

    @property
    def id(self) -> str:
        """Name of the folder. The settings count too: a page under another company name is another publication."""
        return f"{self.as_of}-{hashlib.sha256(f'{self.fingerprint} {self.sha256}'.encode()).hexdigest()[:8]}"

    def as_json(self) -> str:
        """The text of manifest.json; no clock in it, so the same input gives the same bytes."""
        return json.dumps({"id": self.id, "sha256": self.sha256} | asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(text: str) -> Publication:
    """The publication that a manifest.json describes."""
    table = json.loads(text)
    tables = tuple(_table(one) for one in table["tables"])
    facts = {name: table[name] for name in ("company", "as_of", "fingerprint", "code", "settings", "deliveries")}
    restatement = _table(table["restatement"]) if table.get("restatement") else None
    told = {"as_known_on": table.get("as_known_on", ""), "settings_by_name": table.get("settings_by_name", {})}
    return Publication(**facts, **told, tables=tables, restatement=restatement)


def current(home: Home) -> tuple[Publication, str] | None:
    """What readers see now and when it was published; None when there is nothing whole to see."""
    if not all((home.published / name).exists() for name in FILES):
        return None
    return read(home.published / "current")


def read(folder: Path) -> tuple[Publication, str] | None:
    """The publication in a folder and when it was published; None when nothing there says so."""
    try:
        publication = from_json((folder / MANIFEST).read_text(encoding="utf-8"))
        dt.date.fromisoformat(publication.as_of)
        return publication, (folder / PUBLISHED_AT).read_text().strip()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def sha256_of_files(files: Mapping[str, str]) -> str:
    """One hash over those of the files of a table."""
    return hashlib.sha256("".join(f"{name} {sha256}\n" for name, sha256 in sorted(files.items())).encode()).hexdigest()


def _table(one: Mapping[str, Any]) -> PublishedTable:
    return PublishedTable(one["name"], one["kind"], tuple(one["key"]), one["rows"], one["columns"], one["sha256"], one.get("files", {}))
