"""What a gate is told about the night, and what it tells. Plain data.

Belongs here: the night, the result of a check, the report, and how a person reads them. Doesn't: running checks.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations.vocabulary import BLOCK, Severity
from orchestration.landing.declarations import Declared


@dataclass(frozen=True)
class Night:
    """What the gate must know of the night.

    new_deliveries: files (`_file`) that were loaded since the gate last passed; None means all, as after a failed gate.
    previous: DuckDB file of the last publication. compare_drift: neither company.toml nor code changed since then.
    failed_dir: where the rows that break a check are written, below `gate/`.
    """

    as_of: dt.date
    reporting_currency: str
    entities: tuple[Declared, ...]
    failed_dir: Path
    new_deliveries: Sequence[str] | None = None
    previous: Path | None = None
    compare_drift: bool = False
    drift_accepted_on: dt.date | None = None

    @property
    def drift_blocks(self) -> bool:
        """False on a night whose figures may move: rules changed, or a person accepted it for this as-of date."""
        return self.compare_drift and self.drift_accepted_on != self.as_of


@dataclass(frozen=True)
class CheckResult:
    """How one check came out. keys: up to 20 rows that break it. broke: why the check itself could not be run."""

    suite: str
    table: str
    check: str
    why: str
    severity: Severity
    success: bool
    broke: str | None = None
    failing_count: int = 0
    keys: tuple[str, ...] = ()
    rows_file: Path | None = None

    @property
    def blocks(self) -> bool:
        """A check that broke says nothing about the data, so it blocks whatever its severity."""
        return self.broke is not None or (not self.success and self.severity == BLOCK)

    @property
    def line(self) -> str:
        """One line for a person: what, how many, where to look."""
        if self.broke is not None:
            return f"{self.suite}.{self.check} could not be run (this is not about the data): {self.broke}"
        if self.success:
            return f"{self.suite}.{self.check}: passed"
        first = f", first {self.keys[0]}" if self.keys else ""
        rows = f"; all of them: {self.rows_file}" if self.rows_file else ""
        return f"{self.suite}.{self.check}: {self.failing_count} {'row' if self.failing_count == 1 else 'rows'}{first} ({self.why}){rows}"


@dataclass(frozen=True)
class GateReport:
    """How all checks of a night came out."""

    results: tuple[CheckResult, ...]

    @property
    def blocking(self) -> tuple[CheckResult, ...]:
        """What forbids publication, checks that broke included."""
        return tuple(result for result in self.results if result.blocks)

    @property
    def notes(self) -> tuple[CheckResult, ...]:
        """What is published and shown."""
        return tuple(result for result in self.results if not result.success and not result.blocks)

    @property
    def broken(self) -> tuple[CheckResult, ...]:
        """Checks that could not be run."""
        return tuple(result for result in self.results if result.broke is not None)

    def summary_line(self) -> str:
        """The gate in one line."""
        suites = len({result.suite for result in self.results})
        failed = len(self.blocking) - len(self.broken)
        outcome = f"{failed} failed, {len(self.broken)} could not be run, {len(self.notes)} noted" if self.blocking else f"passed, {len(self.notes)} noted"
        return f"{len(self.results)} checks in {suites} suites: {outcome}"
