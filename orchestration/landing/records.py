"""Records of a CSV whose lines are not all plain: which physical lines make a record, and which are rejected, and why.

Exact and slow: each line is looked at by itself. A record may span lines inside quotes; a quote that is never closed, or that
swallowed a whole row, rejects every line that it holds, since nobody can say where it should have ended.
Belongs here: the shape of lines, which are UTF-8 (`text_file` has looked). Doesn't: columns' names, types, DuckDB.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from orchestration.landing.problems import Reject, counted
from orchestration.landing.text_file import MAX_LINE_BYTES

_FIELD = re.compile(rb'(?P<quoted>"[^"]*+(?:""[^"]*+)*+(?P<closed>"?))|(?P<bare>[^,]*+)')
# A field that needs no closer look: nothing but quoted text, or no quote at all.
_WHOLE_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r]*+)'
_CLOSING = re.compile(rb'[^"]*+(?:""[^"]*+)*+(?P<closed>"?)')

_LONE_RETURN = "holds a lone carriage return"
_UNCLOSED = "a quote opens here and is never closed, or swallows whole lines"


@dataclass(frozen=True)
class Record:
    """One record: the line on which it begins, and its fields as one line of CSV, which may hold quoted line breaks."""

    line: int
    content: bytes


@dataclass
class Splitting:
    """What was met so far. physical: lines read, blank ones too. rejects: the first ones only, as many as `kept`."""

    columns: int
    kept: int
    physical: int = 0
    records: int = 0
    rejected: int = 0
    is_last_rejected: bool = False
    rejects: list[Reject] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Delivered lines: a record is one, however many it spans; each rejected line is one; blank lines are none."""
        return self.records + self.rejected

    def reject(self, lines: Iterable[tuple[int, bytes]], reason: str) -> None:
        """Reject physical lines for one reason. Of several, the first names it and the others say where it began."""
        first = None
        for number, content in lines:
            if content.strip(b"\r"):
                told = reason if first is None else f"swallowed by the record that begins on line {first}"
                first = number if first is None else first
                self._keep(Reject(number, told, content))
        self.is_last_rejected = True

    def _keep(self, reject: Reject) -> None:
        self.rejected += 1
        if self.rejected <= self.kept:
            self.rejects.append(reject)


def split(lines: Iterable[bytes], first_line: int, splitting: Splitting) -> Iterator[Record]:
    """The records of these physical lines, in order; what is no record is told to `splitting`."""
    numbered = enumerate(lines, start=first_line)
    delimiters = splitting.columns - 1
    is_whole = re.compile(rb"%b(?:,%b){%d}" % (_WHOLE_FIELD, _WHOLE_FIELD, delimiters)).fullmatch
    for number, raw in numbered:
        splitting.physical += 1
        line = _without_end(raw)
        if not line.strip(b"\r"):
            continue
        if b'"' not in line:
            held = [(number, line)]
            problem, content = _shape_problem(line.count(b","), delimiters), line
        elif is_whole(line):
            held, problem, content = [(number, line)], "", line
        else:
            held, problem, content = _quoted_record(number, raw, numbered, splitting)
            splitting.physical += len(held) - 1
        problem = problem or _content_problem(content)
        if problem:
            splitting.reject(held, problem)
            continue
        splitting.records += 1
        splitting.is_last_rejected = False
        yield Record(number, content)


def _quoted_record(number: int, raw: bytes, following: Iterator[tuple[int, bytes]], splitting: Splitting) -> tuple[list[tuple[int, bytes]], str, bytes]:
    """The physical lines of a record that holds a quote, what is wrong with it, and the record itself."""
    scan, delimiters = _Scan(), splitting.columns - 1
    held, raws, size, is_swallowing = [(number, _without_end(raw))], [raw], len(raw), False
    told = 1
    scan.line(held[0][1])
    while scan.is_open and not scan.problem:
        number, raw = next(following, (0, b""))
        if not raw:
            return held, _UNCLOSED, b""
        line = _without_end(raw)
        # What is too much for a record is only counted, or one lost quote would hold the whole file in memory.
        size += len(raw)
        told += bool(line.strip(b"\r"))
        held.append((number, line if told <= splitting.kept else line[:1]))
        if size <= MAX_LINE_BYTES:
            raws.append(raw)
        is_whole_line = scan.continue_on(line)
        is_swallowing = is_swallowing or size > MAX_LINE_BYTES or (is_whole_line and 0 < delimiters <= line.count(b","))
    if is_swallowing:
        return held, _UNCLOSED, b""
    problem = scan.problem or _shape_problem(scan.delimiters, delimiters)
    return held, problem, b"" if problem else _canonical(b"".join(raws))


class _Scan:
    """Where the quotes of one record stand, line by line."""

    def __init__(self) -> None:
        self.is_open, self.delimiters, self.problem = False, 0, ""

    def line(self, line: bytes, at: int = 0) -> None:
        """Go on from the start of a field."""
        while True:
            found = _match(_FIELD, line, at)
            at = found.end()
            bare = found["bare"]
            self.is_open = bare is None and not found["closed"]
            if bare is not None:
                self.problem = _bare_problem(bare)
            if self.is_open or self.problem or not self._goes_on(line, at):
                return
            at += 1

    def continue_on(self, line: bytes) -> bool:
        """Go on inside a quote. True if the whole line lies inside it."""
        found = _match(_CLOSING, line, 0)
        if not found["closed"]:
            return True
        self.is_open = False
        if self._goes_on(line, found.end()):
            self.line(line, found.end() + 1)
        return False

    def _goes_on(self, line: bytes, at: int) -> bool:
        """True if another field follows. After a field comes a delimiter or the end, nothing else."""
        if at == len(line):
            return False
        if line[at : at + 1] != b",":
            self.problem = "something stands between a closing quote and the next comma"
            return False
        self.delimiters += 1
        return True


def _canonical(record: bytes) -> bytes:
    """The record as one way of writing it: quotes inside a bare field are doubled in a quoted one."""
    record, fields, at = _without_end(record), [], 0
    while True:
        found = _match(_FIELD, record, at)
        bare = found["bare"]
        fields.append(found[0] if bare is None or b'"' not in bare else b'"' + bare.replace(b'"', b'""') + b'"')
        at = found.end() + 1
        if at > len(record):
            return b",".join(fields)


def _bare_problem(field: bytes) -> str:
    if field.lstrip(b" ").startswith(b'"'):
        return "a space stands before an opening quote"
    return _LONE_RETURN if b"\r" in field else ""


def _match(pattern: re.Pattern[bytes], line: bytes, at: int) -> re.Match[bytes]:
    """A match of one of the patterns that match nothing too."""
    return cast(re.Match[bytes], pattern.match(line, at))


def _shape_problem(found: int, expected: int) -> str:
    if found == expected:
        return ""
    return f"{counted(found + 1, 'column')} where the header has {expected + 1}"


def _content_problem(content: bytes) -> str:
    if len(content) > MAX_LINE_BYTES:
        return f"longer than {MAX_LINE_BYTES:,} bytes"
    if b"\0" in content:
        return "holds a NUL byte"
    if b"\r" in content and b'"' not in content:
        return _LONE_RETURN
    return ""


def _without_end(line: bytes) -> bytes:
    if line.endswith(b"\r\n"):
        return line[:-2]
    return line.removesuffix(b"\n")
