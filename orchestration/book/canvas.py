"""Paper and pencils of the charts: sizes, ticks, colours as CSS variables, and an Altair chart turned into inline SVG.

Belongs here: whatever every chart does alike. Doesn't: what a chart shows. Colours are variables of page.css, so that one drawing serves
light, dark and print; no clip paths, whose ids count up in a process and would make the same page differ from run to run.
"""

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode
from markupsafe import Markup

from orchestration.book import wording

INK, MUTED, GRID, PAPER = "var(--ink)", "var(--muted)", "var(--grid)", "var(--paper)"
VALUE, VALUE_SOFT, COST = "var(--value)", "var(--value-soft)", "var(--cost)"
AGE_COLOURS = {12: "var(--age-12)", 24: "var(--age-24)", 36: "var(--age-36)"}
# Opacities of the cost's colour, the darkest for the largest component; page.css has the same.
COST_TINTS = (1.0, 0.78, 0.58, 0.42, 0.28)

WIDE, HALF, NARROW = 1000, 490, 340

# Liberation Sans is inside vl-convert: text is measured alike on every machine. The page's own font replaces it when shown.
_CONFIG: dict[str, Any] = {
    "font": "Liberation Sans",
    "background": "transparent",
    "aria": False,
    "view": {"stroke": None},
    "axis": {"labelColor": MUTED, "labelFontSize": 12, "domain": False, "ticks": False, "labelPadding": 6, "gridColor": GRID, "labelLimit": 400},
    "mark": {"aria": False},
    "padding": 2,
}
_SVG = "http://www.w3.org/2000/svg"
_DROPPED = {"class", "role", "aria-roledescription", "aria-hidden", "aria-label", "pointer-events", "stroke-miterlimit", "font-family", "version"}
_DECIMALS = re.compile(r"-?\d+\.\d{2,}")


@dataclass(frozen=True)
class Picture:
    """One chart drawn for a wide and for a narrow page; the style sheet shows the one that fits."""

    wide: Markup
    narrow: Markup


@dataclass(frozen=True)
class Scale:
    """A linear axis: its ends and the ticks between them."""

    ticks: tuple[float, ...]

    @property
    def low(self) -> float:
        return self.ticks[0]

    @property
    def high(self) -> float:
        return self.ticks[-1]

    def position(self, value: float, pixels: float) -> float:
        """Pixels from the low end."""
        return (value - self.low) / (self.high - self.low) * pixels


def scale(values: Sequence[float], count: int = 5) -> Scale:
    """Round ticks that hold 0 and every value."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        high = 1.0
    step = _round_step((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(tuple(float(f"{number * step:.12g}") for number in range(first, last + 1)))


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def axis(ticks: Scale, text: Callable[[float], str] = wording.short, **options: Any) -> alt.Axis:
    """An axis whose labels are worded as everywhere else on the page."""
    values = list(ticks.ticks)
    labels = [text(value) for value in values]
    return alt.Axis(values=values, labelExpr=f"{json.dumps(labels)}[indexof({json.dumps(values)}, datum.value)]", title=None, **options)


def inline(rows: Sequence[dict[str, Any]]) -> alt.Data:
    """Rows as a chart's data, as text: Altair copies a chart many times, and text costs nothing to copy."""
    return alt.Data(values=json.dumps(list(rows)), format=alt.JsonDataFormat(type="json"))


def picture(draw: Callable[[int], alt.TopLevelMixin], label: str, wide: int = WIDE) -> Picture:
    """A chart in both widths. label: what a screen reader says; the table behind the chart has the rest."""
    # What Altair checks of every part as it is made takes longer than drawing it; the tests look at what comes out.
    with debug_mode(False):
        return Picture(_svg(draw(wide), label), _svg(draw(NARROW), label))


def _svg(chart: alt.TopLevelMixin, label: str) -> Markup:
    text = vl_convert.vegalite_to_svg(chart.to_dict(validate=False) | {"config": _CONFIG})
    root = ET.fromstring(text)
    width, height = root.get("width", ""), root.get("height", "")
    _tidy(root)
    root.attrib.clear()
    root.attrib.update({"viewBox": f"0 0 {width} {height}", "width": width, "height": height, "role": "img", "aria-label": label, "class": "chart"})
    # ElementTree escapes what it writes, so the text is safe as it stands.
    ET.register_namespace("", _SVG)
    return Markup(ET.tostring(root, encoding="unicode"))


def _tidy(parent: ET.Element) -> None:
    """Drop what nothing shows, shorten numbers, and turn a mark's description into a tooltip that needs no script."""
    for child in list(parent):
        description = child.get("aria-label")
        is_mark = child.get("aria-roledescription", "").endswith("mark") or child.get("role") == "graphics-symbol"
        _tidy(child)
        for name in list(child.attrib):
            if name in _DROPPED:
                del child.attrib[name]
            else:
                child.set(name, _DECIMALS.sub(lambda match: f"{float(match[0]):.1f}".removesuffix(".0"), child.get(name, "")))
        tag = child.tag.removeprefix(f"{{{_SVG}}}")
        if (tag == "path" and not child.get("d")) or child.get("display") == "none" or (tag in {"g", "defs"} and not len(child)):
            parent.remove(child)
        elif is_mark and description:
            title = ET.SubElement(child, f"{{{_SVG}}}title")
            title.text = description
