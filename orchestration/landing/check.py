"""One file, loaded dry: what would happen if it were delivered. Nothing is written to any home.

A file below the home's landing is placed by the landing's own rules, and known by the ledger, as a night would.
Belongs here: finding out what the file holds, and telling what its intake would say. Doesn't: the rules of intake.
"""

import datetime as dt
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import ConfigurationError
from orchestration.landing import ledger
from orchestration.landing.batch import connect, hash_of
from orchestration.landing.cells import check_cells
from orchestration.landing.declarations import Declared, declared_entities, standard_entities
from orchestration.landing.landed import Landed, Landing, Placed, is_there_yet, landed_at
from orchestration.landing.ledger import Content
from orchestration.landing.problems import RefusalError, Reject, counted
from orchestration.landing.readers import read_csv
from orchestration.landing.text_file import Header, read_header, unpack
from orchestration.settings import Company, Home, time_zone

_SHOWN = 20
_LEAST_MATCH = 0.5


@dataclass(frozen=True)
class CheckReport:
    """What would happen to a file. refused: why it would be refused as a whole, empty if not; concerns: its lines.

    found_by: how the entity was found out. lines, would_load: as far as the file was read. ignored: why a night would not read it.
    loaded_as: deliveries that the ledger has of the same bytes.
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
    ignored: str = ""
    loaded_as: tuple[str, ...] = ()

    @property
    def what_would_happen(self) -> str:
        """In one sentence."""
        if self.refused:
            return f"The delivery would fail and nothing would be published: {self.refused}."
        if self.ignored:
            return f"Nothing would happen: {self.ignored}."
        if not self.lines:
            return "It has a header and no line: an empty delivery would be taken, and published if the gate passes."
        rejected = f", with {len(self.rejects)} rejected and shown" if self.rejects else ""
        return f"{self.would_load:,} of {counted(self.lines, 'line')} would be loaded{rejected}, and published if the gate passes."

    def to_text(self) -> str:
        """For a person."""
        lines = [f"{self.file}: {self.entity} ({self.found_by})", self.what_would_happen]
        lines += [f"What to do: {self.do}"] if self.do else []
        lines += [f"Loaded already, with the same bytes: {', '.join(self.loaded_as)}"] if self.loaded_as else []
        lines += [f"Columns that are not taken: {', '.join(self.undeclared)}"] if self.undeclared else []
        if len(self.concerns) > 1:
            lines += _some([f"  line {one['line']}: {_concern(one)}" for one in self.concerns])
        lines += _some([f"  line {one.line} would be rejected: {one.reason}" for one in self.rejects])
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()


def check_file(path: Path, entity: str | None = None, company: Company | None = None, home: Home | None = None) -> CheckReport:
    """Say what would happen to a file. Raises ConfigurationError if there is no such file, or if nothing says what it holds.

    entity: what it holds; else its place below a landing, its name, or its header says so. company: whose declarations hold; else
    those of the standard connector. home: whose landing and ledger are asked, with a company.
    """
    below = _below_landing(path, home) if home and company else None
    landed = _look(path, below)
    if home and company and below is not None:
        return _check_landed(landed, entity, company, home)
    known = _known(company)
    report = _load_dry(landed, _find(path, entity, known), known)
    return replace(report, loaded_as=_names(_same_bytes(landed, home))) if home and not report.refused else report


def _below_landing(path: Path, home: Home) -> str | None:
    """The file's name below the landing, None if it is not there."""
    for form in (os.path.abspath, os.path.realpath):
        file, landing = Path(form(path)), Path(form(home.landing))
        if landing in file.parents:
            return file.relative_to(landing).as_posix()
    return None


def _look(path: Path, below: str | None) -> Landed:
    do = "name a .csv, .csv.gz or .zip file"
    try:
        landed = landed_at(path, path.name if below is None else below)
    except FileNotFoundError as error:
        raise ConfigurationError("there is no such file", where=str(path), do=do) from error
    except OSError as error:
        raise ConfigurationError(f"can't be looked at ({error.strerror})", where=str(path), do=do) from error
    if path.is_dir():
        raise ConfigurationError("is a folder", where=str(path), do="name one file in it")
    if landed.problem and below is None:
        raise ConfigurationError(landed.problem, where=str(path), do=do)
    return landed


def _check_landed(landed: Landed, entity: str | None, company: Company, home: Home) -> CheckReport:
    """What the next night would do with a file that lies in the landing."""
    report = CheckReport(landed.file, landed.parts[1] if len(landed.parts) > 2 else "no entity found", "by its place")
    if not is_there_yet(landed.file):
        return replace(report, ignored="a name that ends in .part or begins with a dot is not there yet", do="rename it when it is whole")
    try:
        placed = Landing(home, company, dt.datetime.now(time_zone(company)).date()).place(landed)
        same = _same_bytes(landed, home)
    except RefusalError as refusal:
        return _refused(report, refusal)
    if not (entity is None or _is_named(placed.declared, entity)):
        what = f"its place says that it holds {placed.declared.entity.name}, and --entity says {entity}"
        raise ConfigurationError(what, where=landed.file, do="leave out --entity, or check a copy that lies elsewhere")
    if any(_is_known(content, placed) for content in same):
        return replace(report, ignored="the same bytes are loaded already", loaded_as=_names(same))
    return replace(_load_dry(landed, (placed.declared, "by its place"), ()), loaded_as=_names(same))


def _is_known(content: Content, placed: Placed) -> bool:
    """True if the bytes count for this entity and date, and no column that was left out is declared now."""
    is_same = (content.source, content.entity, content.extract_date) == (placed.declared.source, placed.declared.entity.name, placed.extract_date)
    return is_same and placed.column_names.isdisjoint(content.undeclared_columns)


def _same_bytes(landed: Landed, home: Home) -> list[Content]:
    """What the ledger has of these bytes and counts."""
    sha256, contents = hash_of(landed), ledger.read_contents(home)
    latest = ledger.latest_sequences(contents)
    return [one for one in contents if one.sha256 == sha256 and ledger.counting_names(one, latest)]


def _names(contents: Sequence[Content]) -> tuple[str, ...]:
    return tuple(sorted(content.file for content in contents))


def _load_dry(landed: Landed, found: tuple[Declared, str] | None, known: Sequence[Declared]) -> CheckReport:
    scratch = Path(tempfile.mkdtemp(prefix="repledger-check-"))
    try:
        header = read_header(unpack(landed.path, landed.file, scratch), landed.file)
        declared, found_by = found or _find_by_header(landed.path, header, known)
        return _load(landed, header, declared, found_by, scratch)
    except RefusalError as refusal:
        return _refused(CheckReport(landed.file, found[0].entity.name if found else "no entity found", found[1] if found else "its text was not read"), refusal)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _load(landed: Landed, header: Header, declared: Declared, found_by: str, scratch: Path) -> CheckReport:
    names = {column.name for column in declared.columns}
    report = CheckReport(landed.file, declared.entity.name, found_by, undeclared=tuple(name for name in header.names if name and name not in names))
    rows = scratch / "rows.parquet"
    with connect(scratch) as connection:
        try:
            reading = read_csv(connection, landed.path, declared, file=landed.file, scratch=scratch, to=rows)
            report = replace(report, lines=reading.lines, would_load=reading.loaded, rejects=reading.rejects)
            check_cells(connection, [rows], declared, file=landed.file)
        except RefusalError as refusal:
            return _refused(report, refusal)
        except duckdb.Error as error:
            return _refused(report, RefusalError(f"DuckDB can't read it ({type(error).__name__})", where=landed.file, do="put every field in quotes"))
    return report


def _refused(report: CheckReport, refusal: RefusalError) -> CheckReport:
    return replace(report, would_load=0, refused=refusal.what, do=refusal.do, concerns=tuple(refusal.concerns))


def _known(company: Company | None) -> list[Declared]:
    """What the file may be: what the company declares, then the templates."""
    declared = list(declared_entities(company)) if company else []
    taken = {(one.entity.connector, one.entity.name) for one in declared}
    templates = [Declared(one.area, one, one.mode, one.columns) for one in standard_entities().values()]
    return declared + [one for one in templates if (one.entity.connector, one.entity.name) not in taken]


def _is_named(declared: Declared, entity: str) -> bool:
    return entity in (declared.entity.name, f"{declared.source}.{declared.entity.name}", declared.asset_name)


def _find(path: Path, entity: str | None, known: Sequence[Declared]) -> tuple[Declared, str] | None:
    """What the file holds, and what said so; None if only its header can say."""
    if entity is not None:
        found = [one for one in known if _is_named(one, entity)]
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
    return None


def _find_by_header(path: Path, header: Header, known: Sequence[Declared]) -> tuple[Declared, str]:
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
    return f"{column}{concern['reason']}{cell}"


def _some(lines: list[str]) -> list[str]:
    return [*lines[:_SHOWN], *([f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])]
