"""What a gate is told about the night, and what it tells. Plain data.

Belongs here: the night, the result of a check, the report, and how a person reads them. Doesn't: running checks.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from expectations.vocabulary import BLOCK, LAYERS, Layer, Severity
from orchestration.landing.declarations import Declared


@dataclass(frozen=True)
class TakenOver:
    """Two sources, of which one answers for the entities from a day on."""

    taken: str
    taking: str
    on: dt.date
    entities: tuple[str, ...]


@dataclass(frozen=True)
class Night:
    """What the gate must know of the night.

    new_deliveries: files (`_file`) that were loaded since the gate last passed; None means all, as after a failed gate.
    previous: DuckDB file of the last publication.
    told_keys: by table, SQL that is true of a row `told` whose key this night made anew; a table without one was made whole.
    fiscal_calendar: the calendar that company.toml names; None where years begin with a month.
    takeovers: every two sources of which one takes over from the other.
    failed_dir: where the rows that break a blocking check are written, below `gate/`; notes_dir: those of what is only noted.
    """

    as_of: dt.date
    reporting_currency: str
    entities: tuple[Declared, ...]
    failed_dir: Path
    notes_dir: Path
    new_deliveries: Sequence[str] | None = None
    previous: Path | None = None
    told_keys: Mapping[str, str] = field(default_factory=dict)
    drift_accepted_on: dt.date | None = None
    takeovers: tuple[TakenOver, ...] = ()
    fiscal_calendar: str | None = None

    @property
    def is_drift_accepted(self) -> bool:
        """True if a person looked at the figures of this as-of date and accepted that they moved.

        Nothing else releases them. New code or settings may move figures by a mistake just as well as on purpose: so on the first
        night after an upgrade too, a past year that moved blocks until somebody has looked.
        """
        return self.drift_accepted_on == self.as_of


@dataclass(frozen=True)
class CheckResult:
    """How one check came out. keys: up to 20 rows that break it. broke: why the check itself could not be run.

    is_drift: figures moved since the last publication, or a snapshot lost rows. is_accepted: a person accepted that, so it never blocks.
    """

    suite: str
    table: str
    layer: Layer
    check: str
    why: str
    severity: Severity
    success: bool
    broke: str | None = None
    failing_count: int = 0
    keys: tuple[str, ...] = ()
    rows_file: Path | None = None
    is_drift: bool = False
    is_accepted: bool = False

    @property
    def blocks(self) -> bool:
        """A check that broke says nothing about the data, so it blocks whatever its severity.

        An accepted drift does not even then: a publication of older code may lack the column that it would be compared with.
        """
        return not self.is_accepted and (self.broke is not None or (not self.success and self.severity == BLOCK))

    @property
    def name(self) -> str:
        """Suite and check."""
        return f"{self.suite}.{self.check}"

    @property
    def found(self) -> str:
        """How many rows break it, and the first of them; or that it could not be run."""
        if self.broke is not None:
            return "could not be run"
        first = f", first {self.keys[0]}" if self.keys else ""
        return f"{self.failing_count} {'row' if self.failing_count == 1 else 'rows'}{first}"

    @property
    def line(self) -> str:
        """One line for a person: what, how many, where to look."""
        if self.broke is not None:
            return f"{self.name} could not be run (this is not about the data): {self.broke}"
        if self.success:
            return f"{self.name}: passed"
        rows = f"; all of them: {self.rows_file}" if self.rows_file else ""
        return f"{self.name}: {self.found} ({self.why}){rows}"


@dataclass(frozen=True)
class GateReport:
    """How all checks of a night came out."""

    results: tuple[CheckResult, ...]
    as_of: dt.date | None = None

    @property
    def blocking(self) -> tuple[CheckResult, ...]:
        """What forbids publication, checks that broke included; the root cause first: what is delivered before what follows from it."""
        return tuple(sorted((result for result in self.results if result.blocks), key=lambda result: LAYERS.index(result.layer)))

    @property
    def notes(self) -> tuple[CheckResult, ...]:
        """What is published and shown."""
        return tuple(result for result in self.results if not result.success and not result.blocks)
