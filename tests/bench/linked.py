"""How much of a publication a night wrote, part by part, and how much it linked to the one before.

Belongs here: comparing the files of two publications by name, bytes and place on the disk. Doesn't: their rows (`compare_rows`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from orchestration.files import file_sha256
from orchestration.publication.manifest import DATABASE

BY_MONTH, BY_TABLE, ONE_FILE, REST = "Parquet, a file a month", "Parquet, a file a table", "the DuckDB file", "page, manifest and the rest"


@dataclass(frozen=True)
class Part:
    """Some files of a publication. written_bytes: of those that aren't linked; copied: files written again with the very bytes that they had."""

    files: int
    linked: int
    copied: int
    bytes: int
    written_bytes: int

    @property
    def written(self) -> float:
        return self.written_bytes / self.bytes if self.bytes else 0.0


@dataclass(frozen=True)
class Rewritten:
    """months: in which any table made by month has a file; changed_months: in which one of these files is not what it was."""

    months: int
    changed_months: int
    whole: Part
    parts: dict[str, Part]

    @property
    def changed(self) -> float:
        return self.changed_months / self.months if self.months else 0.0


def rewritten(before: Path, after: Path) -> Rewritten:
    """What became of the publication `before` in the publication `after`, whole and part by part."""
    files = [path.relative_to(after) for path in after.rglob("*") if path.is_file()]
    linked = {file for file in files if (before / file).is_file() and (after / file).samefile(before / file)}
    copied = {file for file in files if file not in linked and _is_same(before / file, after / file)}
    parts = {name: [file for file in files if _part(file) == name] for name in (BY_MONTH, BY_TABLE, ONE_FILE, REST)}
    changed = {file.name for file in parts[BY_MONTH] if file not in linked | copied}
    counted = {name: _count(after, some, linked, copied) for name, some in parts.items()}
    return Rewritten(len({file.name for file in parts[BY_MONTH]}), len(changed), _count(after, files, linked, copied), counted)


def _part(file: Path) -> str:
    if file.parts[0] == "parquet":
        return BY_TABLE if len(file.parts) == 2 else BY_MONTH
    return ONE_FILE if file.name == DATABASE else REST


def _count(folder: Path, files: Collection[Path], linked: Collection[Path], copied: Collection[Path]) -> Part:
    sizes = {file: (folder / file).stat().st_size for file in files}
    written = sum(size for file, size in sizes.items() if file not in linked)
    return Part(len(files), sum(file in linked for file in files), sum(file in copied for file in files), sum(sizes.values()), written)


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and one.stat().st_size == other.stat().st_size and file_sha256(one) == file_sha256(other)
