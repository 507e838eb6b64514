"""A delivered file as text: unpacked, its header, and one look at all of its bytes.

Belongs here: what can be said of the bytes without knowing the entity. Doesn't: rows and cells.
Messages name the file and the line, never what is written there.
"""

import codecs
import csv
import gzip
import re
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from orchestration.landing.problems import RefusalError

_GZIP = b"\x1f\x8b"
_BLOCK = 1 << 20
MAX_LINE_BYTES = 2_000_000
_SAVE_AS_UTF8 = "save it as UTF-8 (in Excel: CSV UTF-8, comma delimited) and deliver it again"
_DELIVER_AGAIN = "deliver the file again, as .part until it is whole"
_QUOTED = re.compile(rb'"[^"\n]*+(?:""[^"\n]*+)*+"')


@dataclass(frozen=True)
class Header:
    """The header of a file. lines: physical lines up to and with it; offset: bytes up to its end; separator: one that it seems to use instead of a comma."""

    names: tuple[str, ...]
    lines: int
    offset: int
    other_separator: str = ""


@dataclass(frozen=True)
class Body:
    """What one look at the bytes after the header says.

    lines: physical lines, blank ones too. is_plain: every line is one record without anything odd in it, as far as bytes can tell.
    """

    lines: int
    ends_with_newline: bool
    is_plain: bool


def unpack(path: Path, where: str, scratch: Path) -> Path:
    """The file itself, or its unpacked copy in `scratch` if it is named .gz or .zip. Raises RefusalError if it can't be read."""
    try:
        with path.open("rb") as packed:
            is_gzip = packed.read(2) == _GZIP
    except OSError as error:
        raise RefusalError(f"can't be read ({error.strerror})", where=where, do="give this user the right to read it") from error
    if path.stat().st_size == 0:
        raise RefusalError("the file is empty, without even a header", where=where, do=_DELIVER_AGAIN)
    if path.name.lower().endswith(".zip"):
        return _unzip(path, where, scratch / "unpacked.csv")
    is_named_gzip = path.name.lower().endswith(".gz")
    if is_gzip != is_named_gzip:
        what = "is named .gz and is no gzip file" if is_named_gzip else "is a gzip file and is not named .csv.gz"
        raise RefusalError(what, where=where, do="rename it, or deliver it again")
    return _gunzip(path, where, scratch / "unpacked.csv") if is_gzip else path


def read_header(path: Path, where: str) -> Header:
    """Find the header: the first line that is neither blank nor a comment. Raises RefusalError if there is none, or if the file is no UTF-8."""
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), start=1):
            _refuse_other_text(line, where, number)
            offset += len(line)
            text = line.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").decode().rstrip("\r\n")
            # A spreadsheet puts a comment that holds a comma in quotes.
            if text.strip(', "') and not text.startswith(("#", '"#')):
                return _header(text, where, number, offset)
    raise RefusalError("there is no header line", where=where, do="the first line that is no comment must name the columns; see `repledger template`")


def look_at(path: Path, header: Header, where: str) -> Body:
    """Count the physical lines after the header and look for all that makes a line something else than one record.

    Raises RefusalError at the first byte that is not UTF-8: what is wrong on one line was saved in another encoding as a whole.
    """
    look = _Look(header, where)
    carried: list[bytes] = []
    with path.open("rb") as file:
        file.seek(header.offset)
        while block := file.read(_BLOCK):
            end = block.rfind(b"\n") + 1
            if end:
                look.at(b"".join([*carried, block[:end]]))
                carried = []
            carried.append(block[end:])
    rest = b"".join(carried)
    if rest:
        look.at(rest + (b"\r\n" if look.is_crlf else b"\n"))
    return Body(look.lines, not rest, look.is_plain and look.delimiters == look.lines * (len(header.names) - 1))


class _Look:
    """What was seen so far. Everything is a count or a search over a whole block: no work per line."""

    def __init__(self, header: Header, where: str) -> None:
        self.lines = self.delimiters = 0
        self.is_plain = len(header.names) > 1
        self.is_crlf = False
        self._lines_above, self._where = header.lines, where

    def at(self, block: bytes) -> None:
        """Look at whole lines."""
        _refuse_other_encoding(block, self._where, self._lines_above + self.lines + 1)
        lines = block.count(b"\n")
        if self.lines == 0:
            self.is_crlf = block.endswith(b"\r\n")
        self.lines += lines
        self.is_plain = self.is_plain and self._has_plain_ends(block, lines) and b"\0" not in block
        if self.is_plain:
            self._count_delimiters(block)

    def _has_plain_ends(self, block: bytes, lines: int) -> bool:
        """One kind of line end, no carriage return elsewhere, no blank line."""
        if block.count(b"\r") != (lines if self.is_crlf else 0):
            return False
        if self.is_crlf and block.count(b"\r\n") != lines:
            return False
        blank = b"\n\r\n" if self.is_crlf else b"\n\n"
        return blank not in block and not block.startswith(blank[1:])

    def _count_delimiters(self, block: bytes) -> None:
        """Delimiters outside quotes. A quote that does not open right after a delimiter, or is never closed, is not plain."""
        if b'"' in block:
            block = _QUOTED.sub(b"\0", b"\n" + block)
            opened_right = block.count(b",\0") + block.count(b"\n\0")
            self.is_plain = b'"' not in block and block.count(b"\0") == opened_right and b"\0 " not in block
        self.delimiters += block.count(b",")


def _gunzip(path: Path, where: str, to: Path) -> Path:
    try:
        with gzip.open(path) as packed, to.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, _BLOCK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RefusalError("the gzip file is damaged or half-written", where=where, do=_DELIVER_AGAIN) from error
    if to.stat().st_size == 0:
        raise RefusalError("the file is empty, without even a header", where=where, do=_DELIVER_AGAIN)
    return to


def _unzip(path: Path, where: str, to: Path) -> Path:
    """The one file of an archive: which of several is the delivery, nobody could say."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one for one in archive.infolist() if not one.is_dir()]
            if len(names) != 1:
                raise RefusalError(f"the zip file holds {len(names)} files", where=where, do="deliver one CSV a zip file")
            with archive.open(names[0]) as packed, to.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, _BLOCK)
    except (EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise RefusalError("is no zip file that can be read, or a half-written one", where=where, do=_DELIVER_AGAIN) from error
    if to.stat().st_size == 0:
        raise RefusalError("the file is empty, without even a header", where=where, do=_DELIVER_AGAIN)
    return to


def _refuse_other_text(line: bytes, where: str, number: int) -> None:
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in line:
        raise RefusalError(f"line {number}: the file is not UTF-8 (it looks like UTF-16, or like no text at all)", where=where, do=_SAVE_AS_UTF8)
    _refuse_other_encoding(line, where, number)


def _refuse_other_encoding(block: bytes, where: str, number: int) -> None:
    """Raise for bytes that are not UTF-8, naming their line; number: that of the block's first line."""
    if block.isascii():
        return
    try:
        block.decode()
    except UnicodeDecodeError as error:
        line = number + block.count(b"\n", 0, error.start)
        raise RefusalError(f"line {line}: the file is not UTF-8", where=where, do=_SAVE_AS_UTF8) from error


def _header(text: str, where: str, number: int, offset: int) -> Header:
    if "\r" in text:
        what = f"line {number}: the lines end in lone carriage returns (old Macintosh)"
        raise RefusalError(what, where=where, do="save it with the line ends of Unix or Windows and deliver it again")
    try:
        names = next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise RefusalError(f"line {number}: the header has an unclosed or misplaced quote", where=where, do="mend the header and deliver it again") from error
    other = next((separator for separator in (";", "\t", "|") if len(names) == 1 and separator in text), "")
    return Header(tuple(names), number, offset, other)
