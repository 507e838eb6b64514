"""The Parquet files of a published table, as they lie on disk: for tests that a publication is what its manifest says.

Belongs here: hashing what is there. Doesn't: what is expected of it.
"""

from pathlib import Path

from orchestration.files import file_sha256
from orchestration.publication.manifest import PublishedTable, sha256_of_files


def sha256_on_disk(table: PublishedTable, folder: Path) -> str:
    """Of its one file; of a table that is published by month, over all files of its folder, whichever the manifest names."""
    if table.files:
        return sha256_of_files({path.name: file_sha256(path) for path in (folder / "parquet" / table.name).iterdir()})
    (path,) = table.paths(folder)
    return file_sha256(path)
