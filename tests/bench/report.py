"""The table of a run, the ratios that are to be reached, and both as files: `report.md` and `report.json` in the home.

Belongs here: words, units, targets. Doesn't: running anything.
"""

import json
import os
import platform
import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestration.settings import Home
from tests.bench.company import ACTIVITIES
from tests.bench.compare_rows import LENS, Comparison
from tests.bench.linked import Rewritten
from tests.bench.measure import Cost, Measured
from tests.bench.questions import QUESTIONS

HEAD = "| what | wall s | CPU s | peak MB | read MB | written MB |\n|---|--:|--:|--:|--:|--:|"
RATIO_HEAD = "| figure to reach | here | target | met | meant for |\n|---|--:|--:|---|---|"
ANY = "every size"
SHOWN_MODELS = 12
# What is published stays in proportion to the months that changed: these are the latest ones, which hold more than the others.
MOST_OF_MONTHS = 2


@dataclass(frozen=True)
class Ratio:
    """A figure to reach. meant_for: the size whose figure counts; at the others it is shown all the same."""

    what: str
    here: str
    target: str
    is_met: bool
    meant_for: str


@dataclass
class Report:
    """What was measured so far. Rows are printed as they come, so that a long run can be watched."""

    size: str
    home: Home
    stopped: str = ""
    question_seconds: list[float] = field(default_factory=list)
    model_seconds: dict[str, float] = field(default_factory=dict)
    rewritten: Rewritten | None = None
    comparisons: list[Comparison] = field(default_factory=list)
    _runs: dict[str, Measured] = field(default_factory=dict)
    _rows: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"{self._title}\n\n{HEAD}", flush=True)

    def row(self, name: str, key: str, run: Measured) -> None:
        """A whole run."""
        self._runs[key] = run
        self._say(name, run.whole)

    def phase(self, name: str, run: Measured) -> None:
        """One phase of a run."""
        self._say(f"· {name}", run.phase(name))

    def compared(self, comparisons: list[Comparison]) -> None:
        self.comparisons += comparisons

    @property
    def differences(self) -> list[Comparison]:
        return [one for one in self.comparisons if not one.is_same]

    def write(self, folder: Path) -> None:
        """Print what is left to say, and write all of it."""
        parts = [self._sizes(), self._slowest(), self._questions(), self._compared(), self._ratio_table()]
        rest = "\n\n".join(part for part in [*parts, f"**STOPPED EARLY**: {self.stopped}" if self.stopped else ""] if part)
        print(f"\n{rest}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        rows = "\n".join([HEAD, *self._rows])
        (folder / "report.md").write_text(f"{self._title}\n\n{rows}\n\n{rest}\n", encoding="utf-8")
        (folder / "report.json").write_text(json.dumps(self._as_json(), indent=1, default=str) + "\n", encoding="utf-8")

    @property
    def _title(self) -> str:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return f"## {self.size}: {ACTIVITIES[self.size]:,} activities, on {os.cpu_count()} cores ({platform.machine()}) and {memory / 1e9:.0f} GB"

    def _say(self, name: str, cost: Cost) -> None:
        peak, read, written = (f"{number / 1e6:,.0f}" for number in (cost.peak_bytes, cost.read_bytes, cost.written_bytes))
        line = f"| {name} | {cost.wall_seconds:.1f} | {cost.cpu_seconds:.1f} | {peak} | {read} | {written} |"
        self._rows.append(line)
        print(line, flush=True)

    def _sizes(self) -> str:
        sizes = {name: _bytes(path) for name, path in self._places().items()}
        return "On the disk at the end: " + ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes.items())

    def _places(self) -> dict[str, Path]:
        home = self.home
        return {"landing": home.landing, "raw": home.raw, "warehouse": home.warehouse, "publication": home.published / "current"}

    def _slowest(self) -> str:
        """As dbt tells it of the stock run: Repledger's own build keeps no such list. Four at a time, so they add up to more than the wall."""
        slowest = sorted(self.model_seconds.items(), key=lambda one: -one[1])[:SHOWN_MODELS]
        whole = sum(self.model_seconds.values())
        told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest)
        where = f"Where the time goes in the stock run, which builds the same {len(self.model_seconds)} models and tests as Repledger's build"
        return f"{where}, of {whole:.0f} s: {told}" if told else ""

    def _questions(self) -> str:
        if not self.question_seconds:
            return ""
        median, worst = statistics.median(self.question_seconds), max(self.question_seconds)
        return f"{len(QUESTIONS)} BI questions: p50 {median * 1e3:.0f} ms, p95 {self._p95 * 1e3:.0f} ms, {worst * 1e3:.0f} ms at most"

    @property
    def _p95(self) -> float:
        """All but one of twenty are answered at least as fast."""
        return sorted(self.question_seconds)[int(len(self.question_seconds) * 0.95) - 1]

    def _compared(self) -> str:
        if self.differences:
            return "\n".join(["**NOT THE SAME ROWS**", *(f"- {one.line}" for one in self.differences)])
        ways = {one.way: [other for other in self.comparisons if other.way == one.way] for one in self.comparisons}
        told = [f"- {way}: {len(tables)} tables, {sum(one.rows for one in tables):,} rows: all the same" for way, tables in ways.items()]
        head = f"Compared with what was published, row by row and cell by cell; of the lenses, {LENS} alone, since the other ways know no other:"
        return "\n".join([head, *told, self._not_compared()]) if told else ""

    def _not_compared(self) -> str:
        """Columns that another way does not make: there nobody was asked to come to the same."""
        left = {one.way: [f"{each.table}.{name}" for each in self.comparisons if each.way == one.way for name in each.not_compared] for one in self.comparisons}
        told = "; ".join(f"{way} makes no {', '.join(names)}" for way, names in left.items() if names)
        return f"- not compared: {told or 'no column of these tables'}"

    def _ratio_table(self) -> str:
        lines = [f"| {one.what} | {one.here} | {one.target} | {'yes' if one.is_met else '**no**'} | {one.meant_for} |" for one in self.ratios()]
        return "\n".join([RATIO_HEAD, *lines]) if lines else ""

    def ratios(self) -> list[Ratio]:
        """The figures to reach, as far as this run has come."""
        makers = (self._build_ratios, self._night_ratios, self._publishing_ratios, self._no_op_ratios, self._loading_ratios, self._pandas_ratios)
        return [ratio for maker in makers for ratio in maker()] + list(self._question_ratios())

    def _build_ratios(self) -> Iterator[Ratio]:
        if "limit" in self._runs:
            build, limit = self._runs["first night"].phase("build"), self._runs["limit"].phase("build")
            yield _most("dbt build ÷ the hand-written script, wall", build.wall_seconds / limit.wall_seconds, 1.3, "L")
            yield _most("dbt build ÷ the hand-written script, CPU", build.cpu_seconds / limit.cpu_seconds, 1.3, "L")
            yield Ratio("peak memory of the build", f"{build.peak_bytes / 1e9:.1f} GB", "≤ 8 GB", build.peak_bytes <= 8e9, "L")

    def _night_ratios(self) -> Iterator[Ratio]:
        small = self.home.root.with_name("S") / "report.json"
        if "recent" in self._runs and self.size in ("M", "L") and small.is_file():
            runs = json.loads(small.read_text(encoding="utf-8"))["runs"]
            if "recent" in runs:
                then = sum(one["wall_seconds"] for one in runs["recent"]["phases"] if one["name"] in ("build", "gates"))
                yield _most(f"a night's build and gates at {self.size} ÷ at S, recent changes", self._build_and_gates("recent") / then, 1.5, "L")

    def _build_and_gates(self, key: str) -> float:
        return sum(self._runs[key].phase(name).wall_seconds for name in ("build", "gates"))

    def _publishing_ratios(self) -> Iterator[Ratio]:
        found = self.rewritten
        if found:
            target = f"≤ {MOST_OF_MONTHS} × {found.changed:.1%} (months that changed)"
            for name, part in {"all of it": found.whole, **found.parts}.items():
                what = f"publishing a recent night, {name}: written of {part.bytes / 1e6:,.1f} MB; {part.linked} of {part.files} files linked"
                is_met = part.written <= MOST_OF_MONTHS * found.changed and not part.copied
                yield Ratio(what, f"{part.written_bytes / 1e6:,.1f} MB, {part.written:.1%}", target, is_met, ANY)

    def _no_op_ratios(self) -> Iterator[Ratio]:
        if "no-op" in self._runs:
            night = self._runs["no-op"].whole.wall_seconds
            yield Ratio("a no-op night", f"{night:.1f} s", "≤ 8 s", night <= 8, ANY)
            yield _most("a no-op night ÷ the stock pipeline's start with one seed", night / self._runs["stock start"].whole.wall_seconds, 0.4, ANY)

    def _loading_ratios(self) -> Iterator[Ratio]:
        if "copy" in self._runs:
            loading, copy = self._runs["first night"].phase("loading"), self._runs["copy"].whole
            yield _most("loading ÷ DuckDB's own copy, wall", loading.wall_seconds / copy.wall_seconds, 1.5, ANY)
            yield _most("loading ÷ DuckDB's own copy, CPU", loading.cpu_seconds / copy.cpu_seconds, 1.5, ANY)

    def _pandas_ratios(self) -> Iterator[Ratio]:
        if "pandas" in self._runs:
            pandas, build = self._runs["pandas"].whole, self._runs["first night"].phase("build")
            faster, memory = pandas.wall_seconds / build.wall_seconds, build.peak_bytes / pandas.peak_bytes
            yield Ratio("pandas ÷ dbt build, wall", f"{faster:.2f}", "≥ 5", faster >= 5, "M")
            yield _most("peak memory of the build ÷ of pandas", memory, 0.33, "M")

    def _question_ratios(self) -> Iterator[Ratio]:
        if self.question_seconds:
            yield Ratio("twenty BI questions, 95th percentile", f"{self._p95 * 1e3:.0f} ms", "≤ 100 ms", self._p95 <= 0.1, "L")

    def _as_json(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "activities": ACTIVITIES[self.size],
            "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "runs": {key: run.as_json() for key, run in self._runs.items()},
            "bytes": {name: _bytes(path) for name, path in self._places().items()},
            "question_seconds": self.question_seconds,
            "model_seconds": self.model_seconds,
            "rewritten": asdict(self.rewritten) if self.rewritten else None,
            "comparisons": [asdict(one) for one in self.comparisons],
            "ratios": [asdict(one) for one in self.ratios()],
            "stopped": self.stopped,
        }


def _most(what: str, here: float, most: float, meant_for: str) -> Ratio:
    return Ratio(what, f"{here:.2f}", f"≤ {most:g}", here <= most, meant_for)


def _bytes(path: Path) -> int:
    files = path.resolve().rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())
