"""Names beside points, only where they meet neither a point nor another name.

Belongs here: the geometry of labels. Doesn't: what the labels say, drawing.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LINE, _LETTER, _GAP = 13.0, 6.4, 6.0


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        return self.x < other.x + other.width and other.x < self.x + self.width and self.y < other.y + other.height and other.y < self.y + self.height

    def holds(self, other: "Box") -> bool:
        return self.x <= other.x and self.y <= other.y and other.x + other.width <= self.x + self.width and other.y + other.height <= self.y + self.height


def text_width(text: str) -> float:
    """About how wide a text is at 11 px; East Asian signs take two letters' room."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text) * _LETTER


def fit(text: str, width: float) -> str:
    """The text, cut where it would be wider than `width` pixels."""
    if text_width(text) <= width:
        return text
    end = len(text)
    while end and text_width(text[:end] + "…") > width:
        end -= 1
    return text[:end].rstrip() + "…"


def place(points: Sequence[tuple[float, float]], texts: Sequence[str], room: Box) -> list[Box | None]:
    """A box for each text, None where there is no room; in the given order, so the same points always give the same labels."""
    taken = [Box(x - 5, y - 5, 10, 10) for x, y in points]
    placed: list[Box | None] = []
    for (x, y), text in zip(points, texts, strict=True):
        spot = next((box for box in _spots(x, y, text_width(text)) if room.holds(box) and not any(box.meets(other) for other in taken)), None)
        placed.append(spot)
        if spot:
            taken.append(spot)
    return placed


def line_label(end: tuple[float, float], text: str, *, is_top: bool) -> Box:
    """Where the label of a line that leaves the plot stands: above its end at the top, beside it at the right, a letter apart from others."""
    width = text_width(text) + _LETTER
    return Box(end[0] - width / 2, end[1] - 4 - _LINE, width, _LINE) if is_top else Box(end[0] + _GAP, end[1] - _LINE / 2, width, _LINE)


def _spots(x: float, y: float, width: float) -> Iterator[Box]:
    yield Box(x + _GAP, y - _LINE / 2, width, _LINE)
    yield Box(x - _GAP - width, y - _LINE / 2, width, _LINE)
    yield Box(x - width / 2, y - _GAP - _LINE, width, _LINE)
    yield Box(x - width / 2, y + _GAP, width, _LINE)
