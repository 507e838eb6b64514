"""Law: what a metric's version says stays as it was kept. Figures name the version that they were computed under, for years: a definition that
were changed under its version would make last year's figures lie.

`python -m tests.laws.test_metric_definitions` keeps versions that are new; with --anew also those that were changed, which is only right for one
that was never released.
"""

import csv
import hashlib
import sys
from pathlib import Path

from orchestration.settings import DBT_DIR

KEPT = Path(__file__).with_name("metric_definitions.csv")
Version = tuple[str, str]


def _defined() -> dict[Version, str]:
    """By metric and version, the hash of all that is said of it."""
    with (Path(DBT_DIR) / "seeds/metric.csv").open(newline="", encoding="utf-8") as rows:
        return {(row["metric"], row["version"]): hashlib.sha256("\x1f".join(row.values()).encode()).hexdigest() for row in csv.DictReader(rows)}


def _kept() -> dict[Version, str]:
    with KEPT.open(newline="", encoding="utf-8") as rows:
        return {(row["metric"], row["version"]): row["sha256"] for row in csv.DictReader(rows)}


def test_a_version_that_was_kept_says_what_it_said() -> None:
    defined = _defined()
    changed = [version for version, sha256 in _kept().items() if defined.get(version) != sha256]
    assert not changed, f"{changed}: give the metric a new version and leave the old one as it was"


def test_every_version_is_kept() -> None:
    assert not _defined().keys() - _kept().keys(), "run `python -m tests.laws.test_metric_definitions` and commit what it keeps"


def _keep(*, is_anew: bool) -> None:
    defined = _defined()
    told = defined if is_anew else defined | _kept()
    with KEPT.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("metric", "version", "sha256"))
        writer.writerows((*version, sha256) for version, sha256 in sorted(told.items()))


if __name__ == "__main__":
    _keep(is_anew="--anew" in sys.argv[1:])
