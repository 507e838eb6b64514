"""How much of a publication's Parquet a night wrote anew, and whether what did not change was linked.

Belongs here: comparing the files of two publications by name, bytes and place on the disk. Doesn't: their rows (`compare_rows`).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rewritten:
    """bytes: of all Parquet files; new_bytes: of those that stand nowhere else; copied: files written again with the very bytes they had."""

    bytes: int
    new_bytes: int
    files: int
    linked: int
    copied: int


def rewritten(before: Path, after: Path) -> Rewritten:
    """What became of the Parquet of the publication `before` in the publication `after`."""
    files = [path for path in (after / "parquet").rglob("*.parquet") if path.is_file()]
    sizes = {path: path.stat().st_size for path in files}
    earlier = {path: before / path.relative_to(after) for path in files}
    there = {path for path in files if earlier[path].is_file()}
    linked = {path for path in there if path.samefile(earlier[path])}
    copied = {path for path in there - linked if sizes[path] == earlier[path].stat().st_size and _hash(path) == _hash(earlier[path])}
    return Rewritten(sum(sizes.values()), sum(size for path, size in sizes.items() if path not in linked), len(files), len(linked), len(copied))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
