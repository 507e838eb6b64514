"""One CSV file -> one Parquet file of text columns, `_file` and `_line`. Lines delivered = rows loaded + lines rejected, always.

Where every line is plain, DuckDB reads the file by itself, and its rows are counted against the file's line ends. Else `records`
splits the file exactly, and DuckDB reads the records, each told with its line. DuckDB never sees bytes that are not UTF-8: with
columns left out, 1.5 breaks the whole connection on them.
Belongs here: columns by name, reading, counting. Doesn't: what a cell must be (`cells`), where files stand (`intake`).
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.landing.declarations import Declared
from orchestration.landing.problems import RefusalError, Reject
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
    body = look_at(text, header.offset, len(header.names))
    if body.is_plain and reader.read_plain(body):
        return Reading(body.lines, body.lines, (), tuple(columns), undeclared)
    splitting = reader.read_records(body)
    return Reading(splitting.lines, splitting.records, tuple(splitting.rejects), tuple(columns), undeclared)


def most_rejects(lines: int) -> int:
    """How many lines of so many may be rejected without refusing the file."""
    return max(MAX_REJECTED_LINES, int(lines * MAX_REJECTED_SHARE))


@dataclass
class _Reader:
    """The ways to read one file. columns: its positions in the header, by name."""

    connection: duckdb.DuckDBPyConnection
    text: Path
    header: Header
    columns: dict[str, int]
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
            raise RefusalError(f"{splitting.records} records were told apart and {loaded} read", where=self.file, do="deliver it with every field in quotes")
        return splitting

    def _copy(self, csv: Path, names: list[str], line: str, options: str) -> int:
        """Copy the declared columns; returns the number of rows."""
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        taken = ", ".join(f"c{position} as {quoted(name)}" for name, position in self.columns.items())
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


def _match_columns(header: Header, declared: Declared, file: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Positions of the declared columns, and the names of the others. Raises RefusalError for one that is missing or there twice."""
    wanted = [column.name for column in declared.columns]
    counted = Counter(name for name in header.names if name)
    missing = [name for name in wanted if name not in counted]
    if missing:
        what = f"line {header.lines}: the header has no column {_listed(missing)}{_hint(missing, header)}"
        do = f"mend the header, or list the columns that there are as `columns` of the source in company.toml; `repledger template {declared.entity.name}`"
        raise RefusalError(what, where=file, do=f"{do} shows them all", concerns=[{"line": header.lines, "column": name} for name in missing])
    twice = [name for name in wanted if counted[name] > 1]
    if twice:
        what = f"line {header.lines}: the header names {_listed(twice)} twice"
        raise RefusalError(what, where=file, do="keep one of the columns and deliver the file again")
    undeclared = tuple(name or f"(column {number} has no name)" for number, name in enumerate(header.names, 1) if name not in wanted)
    return {name: header.names.index(name) for name in wanted}, undeclared


def _hint(missing: list[str], header: Header) -> str:
    if header.other_separator:
        return f" (columns seem to be separated by {header.other_separator!r}, not by a comma)"
    near = []
    for name in missing:
        folded = {other.strip().lower().replace(" ", "_"): other for other in header.names if other}
        found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
        near += [f"{folded[found[0]]!r} looks like {name}"] if found else []
    return f" ({'; '.join(near)})" if near else ""


def _refuse_broken(splitting: Splitting, body: Body, file: str) -> None:
    rejects = splitting.rejects
    concerns = [{"line": reject.line, "reason": reject.reason} for reject in rejects]
    if splitting.is_last_rejected and not body.ends_with_newline:
        what = f"line {rejects[-1].line if rejects else '?'}: the file is half-written: its last line is broken and has no end"
        raise RefusalError(what, where=file, do="deliver the file again, as .part until it is whole", concerns=concerns)
    if splitting.rejected <= most_rejects(splitting.lines):
        return
    first = f"the first on line {rejects[0].line}: {rejects[0].reason}"
    if splitting.rejected_as_encoding * 2 > splitting.rejected:
        what = f"line {rejects[0].line}: the file is not UTF-8 ({splitting.rejected:,} lines of {splitting.lines:,} hold other bytes)"
        raise RefusalError(what, where=file, do="save it as UTF-8 and deliver it again", concerns=concerns)
    what = f"{splitting.rejected:,} of {splitting.lines:,} lines are broken, {first}"
    raise RefusalError(what, where=file, do=f"mend the lines; up to {MAX_REJECTED_LINES} or 1 % are rejected and shown", concerns=concerns)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
