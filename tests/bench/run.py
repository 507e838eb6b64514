"""How long a night takes on a large company, of what, and beside what: `make bench SIZE=S`.

Repledger is measured on the real command. Beside it, on the same machine in the same run: DuckDB's own copy, one hand-written script
as the limit of what is possible, pandas, and the stock Dagster and dbt pipeline; and their rows are compared with what was published.
Where the disk could get full, it stops before the step and reports what it has.
Belongs here: what is run and in which order. Doesn't: the company (`company`), measuring (`measure`), the table and ratios (`report`).
"""

import argparse
import json
import multiprocessing
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from orchestration.settings import Home
from tests.bench.company import ACTIVITIES, Size, write_company, write_night
from tests.bench.compare_rows import compare_rows
from tests.bench.linked import Rewritten, rewritten
from tests.bench.measure import Measured, measured
from tests.bench.questions import answer_seconds
from tests.bench.report import Report
from tests.bench.stock import prepare as stock

REPLEDGER = Path(sys.executable).with_name("repledger")
CHANGES, KNOWN_ON = 50_000, "2020-01-01"
# What a size takes of the disk in all at its fullest. Asked before every step: what is free and what the home holds make up this much,
# since what earlier steps left there is a part of it; and an eighth of it is free at that moment, whatever the home holds.
ROOM = {"XS": 2_000_000_000, "S": 4_000_000_000, "M": 12_000_000_000, "L": 40_000_000_000}
PANDAS_SIZES = ("XS", "S", "M")
_BEGINS = {"building: reading": "build", "checking": "gates", "publishing": "publishing"}
_LIMIT_BEGINS = {"building": "build", "publishing": "publishing"}
_Takes, _Gives = ParamSpec("_Takes"), TypeVar("_Gives")


class DiskFullError(Exception):
    """There is too little room to go on."""


def main() -> int:
    """Make the company if it is not there, measure, and say whether all came to the same rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=ACTIVITIES, default="S")
    parser.add_argument("--home", type=Path, required=True, help="an empty folder, or one that this command made before")
    options = parser.parse_args()
    bench = Bench(options.size, Home(options.home.absolute()))
    try:
        for step in bench.steps():
            bench.refuse_full_disk()
            step()
    except DiskFullError as stopped:
        bench.report.stopped = str(stopped)
    finally:
        shutil.rmtree(bench.beside, ignore_errors=True)
    bench.report.write(options.home.absolute())
    return int(bool(bench.report.stopped or bench.report.differences))


class Bench:
    """One run at one size. beside: what the other ways make, gone when they have been compared."""

    def __init__(self, size: str, home: Home) -> None:
        self.name, self.size, self.home = size, Size(ACTIVITIES[size]), home
        self.beside, self.published = home.root / "beside", home.published / "repledger.duckdb"
        self.report = Report(size, home)

    def steps(self) -> Iterator[Callable[[], None]]:
        yield self.make
        yield self.first_night
        yield self.limit_of_a_night
        if self.name in PANDAS_SIZES:
            yield self.pandas
        yield self.stock
        yield self.no_op_night
        yield self.recent_night
        yield self.scattered_night
        yield self.as_known_on
        yield self.questions

    def refuse_full_disk(self) -> None:
        """Raise DiskFullError if less is free, with what the home holds already, than the size takes in all, or less than an eighth of that."""
        folder = next(path for path in (self.home.root, *self.home.root.parents) if path.exists())
        free, room = shutil.disk_usage(folder).free, ROOM[self.name]
        held = sum(path.stat().st_size for path in self.home.root.rglob("*") if path.is_file() and not path.is_symlink())
        if free + held < room or free < room // 8:
            what = f"{free:,} bytes are free and {held:,} held in {self.home.root}"
            takes = f"{self.name} takes {room:,} in all, and {room // 8:,} are to be free at any moment"
            raise DiskFullError(f"{what}; {takes} → make room, or name a folder on another disk")

    def make(self) -> None:
        """The company, or what the last run left of it: ten years in landing, and nothing else."""
        home = self.home
        if not home.company_file.exists():
            _aside(write_company, home, self.size)
        for folder in ("raw", "published", ".work", "failed", "notes", "beside"):
            shutil.rmtree(home.root / folder, ignore_errors=True)
        for path in [*home.root.glob("warehouse.duckdb*"), *home.landing.glob("*/*/2025-01-0[2-9]")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def first_night(self) -> None:
        night = self._night("first night")
        self.report.row("**the first night**, ten years at once", "first night", night)
        self.report.phase("loading", night)
        copy = self._other("plain_copy", "--landing", self.home.landing, "--to", self.beside)
        self.report.row("beside: DuckDB's own copy, all text", "copy", copy)
        for phase in ("build", "gates", "publishing"):
            self.report.phase(phase, night)
        shutil.rmtree(self.beside)

    def limit_of_a_night(self) -> None:
        limit = self._limit("limit, after the first night", self.published)
        self.report.row("**the hand-written script**, six facts, a dimension, six answers", "limit", limit)
        self.report.phase("build", limit)
        self.report.phase("publishing", limit)

    def pandas(self) -> None:
        pandas = self._other("pandas_way", "--raw", self.home.raw, "--to", self.beside)
        self.report.row("**pandas**, the answers", "pandas", pandas)
        self._compare("pandas", self.published, self.beside)

    def stock(self) -> None:
        """One seed, for what it costs to begin; then all models, since nothing tells it that nothing is new."""
        environment = _aside(stock.prepare, self.home, self.beside)
        for key, name, select in (("stock start", "one seed", "metric"), ("stock", "a night with nothing new", "")):
            cost = measured(key, stock.COMMAND, environment=environment | {"STOCK_SELECT": select})
            self.report.row(f"**stock Dagster + dbt subprocess**, {name}", key, cost)
        results = json.loads((self.beside / "target/run_results.json").read_text(encoding="utf-8"))["results"]
        self.report.model_seconds = {one["unique_id"].split(".")[2]: one["execution_time"] for one in results}
        shutil.rmtree(self.beside)

    def no_op_night(self) -> None:
        self.report.row("**a night with nothing new**", "no-op", self._night("no-op"))

    def recent_night(self) -> None:
        _aside(write_night, self.home, self.size, 1, CHANGES, scattered=False)
        self.report.rewritten = self._changed_night("recent", f"**a night of {CHANGES:,} recent changes**")

    def scattered_night(self) -> None:
        """The limit after it has nothing of the nights before to go by: what they changed is seen in its rows."""
        _aside(write_night, self.home, self.size, 2, CHANGES, scattered=True)
        self._changed_night("scattered", f"**a night of {CHANGES:,} changes scattered over all years**")
        limit = self._limit("limit, after both nights", self.published)
        self.report.row("beside: the hand-written script, all anew", "limit again", limit)

    def as_known_on(self) -> None:
        night = self._night("as known", "--as-known-on", KNOWN_ON)
        self.report.row(f"**as known on {KNOWN_ON}**", "as known", night)
        for phase in ("build", "gates", "publishing"):
            self.report.phase(phase, night)
        aside = self.home.published / "as_known_on" / KNOWN_ON
        limit = self._limit(f"limit, as known on {KNOWN_ON}", aside / "current/repledger.duckdb", "--known-on", KNOWN_ON)
        self.report.row("beside: the hand-written script", "limit as known", limit)
        shutil.rmtree(aside)

    def questions(self) -> None:
        self.report.question_seconds = _aside(answer_seconds, self.published)

    def _changed_night(self, key: str, name: str) -> Rewritten:
        before = (self.home.published / "current").resolve()
        night = self._night(key)
        self.report.row(name, key, night)
        for phase in ("loading", "build", "gates", "publishing"):
            self.report.phase(phase, night)
        return rewritten(before, (self.home.published / "current").resolve())

    def _night(self, name: str, *arguments: str) -> Measured:
        return measured(name, [REPLEDGER, "nightly", *arguments, "--home", self.home.root], begins=_BEGINS, first="loading")

    def _other(self, module: str, *arguments: str | Path) -> Measured:
        return measured(module, [sys.executable, "-m", f"tests.bench.{module}", *arguments])

    def _limit(self, name: str, published: Path, *arguments: str) -> Measured:
        command = [sys.executable, "-m", "tests.bench.limit", "--raw", self.home.raw, "--to", self.beside, *arguments]
        limit = measured(name, command, begins=_LIMIT_BEGINS, first="starting")
        self._compare(name, published, self.beside / "parquet")
        return limit

    def _compare(self, way: str, published: Path, made: Path) -> None:
        self.report.compared(_aside(compare_rows, way, published, made))
        shutil.rmtree(self.beside)


def _aside(call: Callable[_Takes, _Gives], *arguments: _Takes.args, **named: _Takes.kwargs) -> _Gives:
    """Call it in another process: a process that is started is told to have taken at least the memory of the one that started it."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(call, *arguments, **named).result()


if __name__ == "__main__":
    sys.exit(main())
