"""One CSV file -> one Parquet file of text columns, `_file` and `_line`. Lines delivered = rows loaded + lines rejected, always.

Where every line is plain, DuckDB reads the file by itself, and its rows are counted against the file's line ends. Else `records`
splits the file exactly, and DuckDB reads the records, each told with its line. DuckDB never sees bytes that are not UTF-8, since
`text_file` refuses them: with columns left out, 1.5 breaks the whole connection on them.
Belongs here: columns by name, reading, counting. Doesn't: what a cell must be (`cells`), where files stand (`intake`).
"""

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.landing.declarations import Declared
from orchestration.landing.problems import RefusalError, Reject, counted, first_few
from orchestration.landing.records import Record, Splitting, split
from orchestration.landing.text_file import MAX_LINE_BYTES, Body, Header, look_at, read_header, unpack

MAX_REJECTED_LINES, MAX_REJECTED_SHARE = 10, 0.01
_KEPT_BEYOND_LIMIT = 1000
# No null_padding and strict: a broken line is never padded or trimmed into a row.
_DIALECT = """delim = ',', quote = '"', escape = '"', header = false, auto_detect = false, strict_mode = true, null_padding = false"""


@dataclass(frozen=True)
class Reading:
    """What came of a file. columns: what was loaded; undeclared: columns of the file that we don't take."""

    lines: int
    loaded: int
    rejects: tuple[Reject, ...]
    columns: tuple[str, ...]
    undeclared: tuple[str, ...]


def read_csv(connection: duckdb.DuckDBPyConnection, path: Path, declared: Declared, *, file: str, scratch: Path, to: Path) -> Reading:
    """Read a delivered file into the Parquet file `to`. Raises RefusalError if it can't be taken as a whole.

    file: its name below landing/, for messages and `_file`. scratch: a folder for what is needed in between.
    """
    text = unpack(path, file, scratch)
    header = read_header(text, file)
    columns, undeclared = _match_columns(header, declared, file)
    reader = _Reader(connection, text, header, columns, file, scratch, to)
    there = tuple(name for name, position in columns.items() if position is not None)
    body = look_at(text, header, file)
    if body.is_plain and reader.read_plain(body):
        return Reading(body.lines, body.lines, (), there, undeclared)
    splitting = reader.read_records(body)
    return Reading(splitting.lines, splitting.records, tuple(splitting.rejects), there, undeclared)


def most_rejects(lines: int) -> int:
    """How many lines of so many may be rejected without refusing the file."""
    return max(MAX_REJECTED_LINES, int(lines * MAX_REJECTED_SHARE))


@dataclass
class _Reader:
    """The ways to read one file. columns: their positions in the header, by name; none of what may be missing and is."""

    connection: duckdb.DuckDBPyConnection
    text: Path
    header: Header
    columns: dict[str, int | None]
    file: str
    scratch: Path
    to: Path

    def read_plain(self, body: Body) -> bool:
        """Read the file as it is. False if DuckDB sees other rows than there are lines: then nothing was read."""
        names = [f"c{number}" for number in range(len(self.header.names))]
        line = f"{self.header.lines} + row_number() over ()"
        try:
            return self._copy(self.text, names, line, f"skip = {self.header.lines}") == body.lines
        except duckdb.InvalidInputException:
            return False

    def read_records(self, body: Body) -> Splitting:
        """Read the file record by record. Raises RefusalError if too much of it is broken."""
        splitting = Splitting(len(self.header.names), kept=most_rejects(body.lines) + _KEPT_BEYOND_LIMIT)
        records = self.scratch / "records.csv"
        with self.text.open("rb") as lines, records.open("wb") as clean:
            lines.seek(self.header.offset)
            clean.writelines(_numbered(split(lines, self.header.lines + 1, splitting)))
        _refuse_broken(splitting, body, self.file)
        names = ["line", *(f"c{number}" for number in range(len(self.header.names)))]
        loaded = self._copy(records, names, "cast(line as bigint)", "new_line = '\\n'")
        if (loaded, splitting.physical) != (splitting.records, body.lines):
            raise RefusalError(
                f"{counted(splitting.records, 'record')} told apart and {loaded:,} read", where=self.file, do="deliver it with every field in quotes"
            )
        return splitting

    def _copy(self, csv: Path, names: list[str], line: str, options: str) -> int:
        """Copy the declared columns; returns the number of rows."""
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        cells = {name: "cast(null as varchar)" if position is None else f"c{position}" for name, position in self.columns.items()}
        taken = ", ".join(f"{cell} as {quoted(name)}" for name, cell in cells.items())
        source = f"""read_csv({literal(glob_literal(csv))}, columns = {{{types}}}, {_DIALECT}, {options},
            allow_quoted_nulls = false, compression = 'none', max_line_size = {2 * MAX_LINE_BYTES})"""
        rows = f"select {taken}, {literal(self.file)} as _file, {line} as _line from {source}"
        found = self.connection.execute(f"copy ({rows}) to {literal(str(self.to))} (format parquet, compression zstd)").fetchone()
        return int(found[0]) if found else 0


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def glob_literal(path: Path) -> str:
    """A path that DuckDB takes as it is, whatever wildcards its folders' names hold."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _numbered(records: Iterator[Record]) -> Iterator[bytes]:
    for record in records:
        yield b"%d,%b\n" % (record.line, record.content)


def _match_columns(header: Header, declared: Declared, file: str) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """Positions of the declared columns, and the names of the others. Raises RefusalError for one that is missing or there twice."""
    wanted = [column.name for column in declared.columns]
    times = Counter(name for name in header.names if name)
    spared = {column.name for column in declared.columns if column.may_be_missing and not _hint([column.name], header, declared)}
    missing = [name for name in wanted if name not in times and name not in spared]
    if missing and header.other_separator:
        what = f"line {header.lines}: the columns seem to be separated by {header.other_separator!r}, not by a comma"
        raise RefusalError(what, where=file, do="save it with commas and deliver it again")
    if missing:
        what = f"line {header.lines}: the header has no column {first_few(_quoted(missing))}{_hint(missing, header, declared)}"
        raise RefusalError(what, where=file, do=_how_to_mend(header, declared), concerns=[{"line": header.lines, "missing": missing}])
    twice = [name for name in wanted if times[name] > 1]
    if twice:
        what = f"line {header.lines}: the header names {first_few(_quoted(twice))} twice"
        raise RefusalError(what, where=file, do="keep one of the columns and deliver the file again")
    undeclared = tuple(name or f"(column {number} has no name)" for number, name in enumerate(header.names, 1) if name not in wanted)
    return {name: header.names.index(name) if name in times else None for name in wanted}, undeclared


def _hint(missing: list[str], header: Header, declared: Declared) -> str:
    """Delivered columns that nobody knows and that look like missing ones."""
    known = {column.name for column in declared.entity.columns}
    folded = {name.strip().lower().replace(" ", "_"): name for name in header.names if name and name not in known}
    near = []
    for name in missing:
        found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
        near += [f"{folded[found[0]]!r} looks like {name}"] if found else []
    return f" ({'; '.join(near)})" if near else ""


def _how_to_mend(header: Header, declared: Declared) -> str:
    """What to do about missing columns: where those that are there are enough, the line of company.toml that takes them alone."""
    entity, there = declared.entity, set(header.names)
    needed = {column.name for column in entity.columns if column.is_required} | set(entity.key)
    if needed <= there <= {column.name for column in entity.columns}:
        taken = json.dumps([column.name for column in entity.columns if column.name in there])
        return f"add the columns, or take only those that are there: under [sources.{declared.source}.columns] in company.toml write {entity.name} = {taken}"
    if entity.connector == "standard":
        return f"mend the header; `repledger template {entity.name}` shows every column"
    return f"mend the header; dbt_project/models/staging/{entity.connector}/_sources.yml lists every column"


def _refuse_broken(splitting: Splitting, body: Body, file: str) -> None:
    rejects = splitting.rejects
    concerns = [{"line": reject.line, "reason": reject.reason} for reject in rejects]
    if splitting.is_last_rejected and not body.ends_with_newline:
        what = f"line {rejects[-1].line if rejects else '?'}: the file is half-written: its last line is broken and has no end"
        raise RefusalError(what, where=file, do="deliver the file again, as .part until it is whole", concerns=concerns)
    if not rejects:
        return
    first = f"the first on line {rejects[0].line}: {rejects[0].reason}"
    if not splitting.records:
        raise RefusalError(f"no line could be read, {first}", where=file, do="mend the lines and deliver the file again", concerns=concerns)
    if splitting.rejected <= most_rejects(splitting.lines):
        return
    what = f"{splitting.rejected:,} of {splitting.lines:,} lines are broken, {first}"
    raise RefusalError(what, where=file, do=f"mend the lines; up to {MAX_REJECTED_LINES} or 1 % are rejected and shown", concerns=concerns)


def _quoted(names: Sequence[str]) -> list[str]:
    return [f"`{name}`" for name in names]
