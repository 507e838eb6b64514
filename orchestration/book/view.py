"""What a section hands to the template: pictures, tables and words, nothing to compute any more.

Belongs here: shapes. Doesn't: HTML, figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestration.book.canvas import Picture


@dataclass(frozen=True)
class Cell:
    """One cell. bar: its share of the column's largest, −100 to 100, drawn below the number."""

    text: str
    note: str = ""
    is_muted: bool = False
    bar: int | None = None


@dataclass(frozen=True)
class Column:
    """A column's head. note: its second line."""

    label: str
    note: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """A table that scrolls in itself. is_folded: behind a chart, opened by hand and on paper."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    is_folded: bool = False


@dataclass(frozen=True)
class Key:
    """A line of a chart's key: `mark` is a class of page.css."""

    mark: str
    text: str


@dataclass(frozen=True)
class Block:
    """A chart with its heading, key, note and table; any part may be missing."""

    heading: str = ""
    picture: Picture | None = None
    keys: Sequence[Key] = ()
    table: Table | None = None
    is_half: bool = False
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One part of the page. title says what the figures say."""

    anchor: str
    topic: str
    title: str
    lead: str = ""
    blocks: Sequence[Block] = ()
    notes: Sequence[str] = ()
    terms: Sequence[tuple[str, str]] = field(default=())
