"""One file, loaded dry: what would happen if it were delivered. Nothing is written to any home.

Belongs here: finding out what the file holds, and telling what its intake would say. Doesn't: the rules of intake.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import ConfigurationError
from orchestration.landing.cells import check_cells
from orchestration.landing.declarations import Declared, declared_entities, standard_entities
from orchestration.landing.loader import connect
from orchestration.landing.problems import RefusalError, Reject
from orchestration.landing.readers import read_csv
from orchestration.landing.text_file import Header, read_header, unpack
from orchestration.settings import Company

_SHOWN = 20
_LEAST_MATCH = 0.5


@dataclass(frozen=True)
class CheckReport:
    """What would happen to a file. refused: why it would be refused as a whole, empty if not; concerns: its lines.

    found_by: how the entity was found out. lines, would_load: as far as the file was read.
    """

    file: str
    entity: str
    found_by: str
    lines: int = 0
    would_load: int = 0
    rejects: tuple[Reject, ...] = ()
    undeclared: tuple[str, ...] = ()
    refused: str = ""
    do: str = ""
    concerns: tuple[Mapping[str, Any], ...] = ()

    @property
    def what_would_happen(self) -> str:
        """In one sentence."""
        if self.refused:
            return f"The delivery would fail and nothing would be published: {self.refused}."
        rejected = f", with {len(self.rejects)} rejected and shown" if self.rejects else ""
        return f"{self.would_load:,} of {self.lines:,} lines would be loaded{rejected}, and published if the gate passes."

    def to_text(self) -> str:
        """For a person."""
        lines = [f"{self.file}: {self.entity} ({self.found_by})", self.what_would_happen]
        lines += [f"What to do: {self.do}"] if self.do else []
        lines += [f"Columns that are not taken: {', '.join(self.undeclared)}"] if self.undeclared else []
        lines += _some([f"  line {one['line']}: {_concern(one)}" for one in self.concerns])
        lines += _some([f"  line {one.line} would be rejected: {one.reason}" for one in self.rejects])
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()


def check_file(path: Path, entity: str | None = None, company: Company | None = None) -> CheckReport:
    """Say what would happen to a file. Raises ConfigurationError if there is no such file, or if nothing says what it holds.

    entity: what it holds; else its place below a landing, its name, or its header says so. company: whose declarations hold; else
    those of the standard connector.
    """
    if not path.is_file():
        raise ConfigurationError("there is no such file", where=str(path), do="name a .csv or .csv.gz file")
    scratch = Path(tempfile.mkdtemp(prefix="repledger-check-"))
    try:
        return _check(path, entity, company, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check(path: Path, entity: str | None, company: Company | None, scratch: Path) -> CheckReport:
    try:
        header = read_header(unpack(path, path.name, scratch), path.name)
    except RefusalError as refusal:
        return _refused(CheckReport(path.name, entity or "no entity found", "its text was not read"), refusal)
    declared, found_by = _find(path, header, entity, _known(company))
    names = {column.name for column in declared.columns}
    report = CheckReport(path.name, declared.entity.name, found_by, undeclared=tuple(name for name in header.names if name and name not in names))
    rows = scratch / "rows.parquet"
    with connect(scratch) as connection:
        try:
            reading = read_csv(connection, path, declared, file=path.name, scratch=scratch, to=rows)
            report = replace(report, lines=reading.lines, would_load=reading.loaded, rejects=reading.rejects)
            check_cells(connection, rows, declared, file=path.name)
        except RefusalError as refusal:
            return _refused(report, refusal)
        except duckdb.Error as error:
            return _refused(report, RefusalError(f"DuckDB can't read it ({type(error).__name__})", where=path.name, do="put every field in quotes"))
    return report


def _refused(report: CheckReport, refusal: RefusalError) -> CheckReport:
    return replace(report, would_load=0, refused=refusal.what, do=refusal.do, concerns=tuple(refusal.concerns))


def _known(company: Company | None) -> list[Declared]:
    """What the file may be: what the company declares, then the templates."""
    declared = list(declared_entities(company)) if company else []
    taken = {(one.entity.connector, one.entity.name) for one in declared}
    templates = [Declared(one.area, one, one.mode, one.columns) for one in standard_entities().values()]
    return declared + [one for one in templates if (one.entity.connector, one.entity.name) not in taken]


def _find(path: Path, header: Header, entity: str | None, known: Sequence[Declared]) -> tuple[Declared, str]:
    """What the file holds, and what said so."""
    if entity is not None:
        found = [one for one in known if entity in (one.entity.name, f"{one.source}.{one.entity.name}", one.asset_name)]
        if not found:
            names = ", ".join(dict.fromkeys(one.entity.name for one in known))
            raise ConfigurationError(f"there is no entity {entity!r}", where=str(path), do=f"choose from {names}")
        return found[0], "as you said"
    above = path.absolute().parts[-4:-2]
    for one in known:
        if (one.source, one.entity.name) == above:
            return one, "by its place"
    stem = path.name.lower().split(".")[0]
    for one in sorted(known, key=lambda one: -len(one.entity.name)):
        if re.fullmatch(rf"{re.escape(one.entity.name.lower())}([^a-z].*)?", stem):
            return one, "by its name"
    best = max(known, key=lambda one: _match(one, header))
    if _match(best, header) < _LEAST_MATCH:
        raise ConfigurationError("nothing says what the file holds", where=str(path), do="say --entity; `repledger template` shows them")
    return best, "by its header"


def _match(declared: Declared, header: Header) -> float:
    """Share of the columns that are in both."""
    wanted, there = {column.name for column in declared.columns}, set(header.names)
    return len(wanted & there) / len(wanted | there)


def _concern(concern: Mapping[str, Any]) -> str:
    column = f"`{concern['column']}` " if "column" in concern else ""
    cell = f": {concern['cell']!r}" if "cell" in concern else ""
    return f"{column}{concern.get('reason', 'is missing')}{cell}"


def _some(lines: list[str]) -> list[str]:
    return [*lines[:_SHOWN], *([f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])]
