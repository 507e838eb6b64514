"""The charts of the page, drawn by Altair from plain rows.

Belongs here: marks, positions, which of them are muted. Doesn't: reading tables, titles and notes around a chart.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from orchestration.book import wording
from orchestration.book.canvas import (
    AGE_COLOURS,
    COST,
    COST_TINTS,
    GRID,
    HALF,
    INK,
    MUTED,
    NARROW,
    PAPER,
    VALUE,
    VALUE_SOFT,
    Picture,
    Scale,
    axis,
    inline,
    picture,
    scale,
)
from orchestration.book.labels import Box, fit, line_label, place

_LINES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
_DASH = [4, 3]
# Room for the labels of the upright axis, so that charts side by side line up.
_ROOM: dict[str, Any] = {"minExtent": 48, "maxExtent": 48}


@dataclass(frozen=True)
class YearBar:
    """Value and cost of one fiscal year; amounts in the reporting currency."""

    year: int
    by_reps: float
    without_rep: float
    cost: float
    ratio: float | None
    is_full: bool


@dataclass(frozen=True)
class CostBar:
    """Cost of one fiscal year, by component; each in the order of the key."""

    year: int
    amounts: Sequence[float]
    is_full: bool


@dataclass(frozen=True)
class BridgeBar:
    """One bar of a bridge, from a ratio to a ratio; a whole one begins at 0. text: what stands beside it."""

    name: str
    low: float
    high: float
    text: str
    is_whole: bool = False


@dataclass(frozen=True)
class RepPoint:
    """One rep's value against cost. apart: why the rep can't be compared, "" if that is possible."""

    name: str
    cost: float
    value: float
    ratio: float | None
    apart: str


@dataclass(frozen=True)
class CohortPoint:
    """One cohort at one age (None: to date)."""

    year: int
    age: int | None
    value: float
    is_mature: bool
    is_comparable: bool


def company_chart(years: Sequence[YearBar], label: str) -> Picture:
    """Value (stacked: by reps, without a rep) and cost beside it, by fiscal year."""
    return picture(lambda width: _company(years, width), label, HALF)


def ratio_chart(years: Sequence[YearBar], label: str) -> Picture:
    """Value per 1 of cost by fiscal year; parts of years hollow."""
    return picture(lambda width: _ratio(years, width), label, HALF)


def cost_chart(years: Sequence[CostBar], label: str) -> Picture:
    """Components of cost by fiscal year, stacked; what is negative hangs below 0."""
    return picture(lambda width: _cost(years, width), label, HALF)


def bridge_chart(bars: Sequence[BridgeBar], label: str) -> Picture:
    """From one ratio to another, a step a bar, each beginning where the last one ended."""
    return picture(lambda width: _bridge(bars, width), label, HALF)


def reps_chart(points: Sequence[RepPoint], label: str) -> Picture:
    """Value against cost, a point a rep, with lines of equal ratio."""
    return picture(lambda width: _reps(points, width), label, HALF)


def cohort_chart(points: Sequence[CohortPoint], label: str) -> Picture:
    """Cohorts by year, a line an age."""
    return picture(lambda width: _cohorts(points, width), label)


def _years_axis(years: Sequence[int], width: int, **options: Any) -> alt.X:
    is_tight = width / max(len(years), 1) < 38
    text = f"'{chr(0x2019)}' + slice(datum.label, 2)" if is_tight else "datum.label"
    axis_ = alt.Axis(title=None, labelAngle=0, labelExpr=text, labelOverlap=True)
    return alt.X("year:O", sort=None, axis=axis_, scale=alt.Scale(domain=[str(year) for year in years], paddingInner=0.25, paddingOuter=0.15), **options)


def _company(years: Sequence[YearBar], width: int) -> alt.TopLevelMixin:
    rows: list[dict[str, Any]] = []
    for bar in years:
        # Amounts of unlike sign can't be stacked: then each grows from 0, the smaller in front.
        base = bar.by_reps if bar.by_reps * bar.without_rep >= 0 else 0.0
        for kind, low, high, colour in (
            ("value", 0.0, bar.by_reps, VALUE), ("value", base, base + bar.without_rep, VALUE_SOFT), ("cost", 0.0, bar.cost, COST),
        ):  # fmt: skip
            if low != high:
                rows.append({"year": str(bar.year), "kind": kind, "low": low, "high": high, "colour": colour, "full": bar.is_full})
    ticks = scale([row["high"] for row in rows])
    names = [bar.year for bar in years]
    offset = alt.XOffset("kind:N", sort=None, scale=alt.Scale(domain=["value", "cost"], paddingInner=0.08))
    y = alt.Y("low:Q", axis=axis(ticks, **_ROOM), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    base_chart = alt.Chart(inline(rows)).encode(
        x=_years_axis(names, width - 60), xOffset=offset, y=y, y2=alt.Y2("high:Q"),
        fill=alt.Fill("colour:N", scale=None), stroke=alt.Stroke("colour:N", scale=None),
    )  # fmt: skip
    full = base_chart.transform_filter("datum.full").mark_bar(strokeWidth=0)
    part = base_chart.transform_filter("!datum.full").mark_bar(strokeWidth=1.2, strokeDash=_DASH, fillOpacity=0.18)
    return _sized(alt.layer(full, part, _rule(0.0, "y")), width - 60, 250)


def _cost(years: Sequence[CostBar], width: int) -> alt.TopLevelMixin:
    rows: list[dict[str, Any]] = []
    for bar in years:
        ends = {True: 0.0, False: 0.0}
        for tint, amount in zip(COST_TINTS, bar.amounts, strict=False):
            low, high = ends[amount > 0], ends[amount > 0] + amount
            ends[amount > 0] = high
            if amount:
                rows.append({"year": str(bar.year), "low": low, "high": high, "tint": tint if bar.is_full else tint * 0.4, "full": bar.is_full})
    ticks = scale([row["high"] for row in rows])
    base = alt.Chart(inline(rows)).encode(
        x=_years_axis([bar.year for bar in years], width - 60),
        y=alt.Y("low:Q", axis=axis(ticks, **_ROOM), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False)),
        y2=alt.Y2("high:Q"), fillOpacity=alt.FillOpacity("tint:Q", scale=None),
    )  # fmt: skip
    full = base.transform_filter("datum.full").mark_bar(fill=COST, stroke=PAPER, strokeWidth=1)
    part = base.transform_filter("!datum.full").mark_bar(fill=COST, stroke=COST, strokeWidth=1.2, strokeDash=_DASH)
    return _sized(alt.layer(full, part, _rule(0.0, "y")), width - 60, 250)


def _bridge(bars: Sequence[BridgeBar], width: int) -> alt.TopLevelMixin:
    rows = [
        {
            "name": bar.name, "low": bar.low, "high": bar.high, "right": max(bar.low, bar.high), "text": bar.text,
            "colour": MUTED if bar.is_whole else VALUE if bar.high >= bar.low else COST,
        }
        for bar in bars
    ]  # fmt: skip
    # From where each bar ends a thin line leads down to the next, which begins there.
    joints = [{"at": bar.high, "name": bar.name, "next": after.name} for bar, after in itertools.pairwise(bars)]
    ticks = scale([end for bar in bars for end in (bar.low, bar.high)])
    across = width - 100
    names = [bar.name for bar in bars]
    y = alt.Y("name:N", sort=None, scale=alt.Scale(domain=names, paddingInner=0.3, paddingOuter=0.15), axis=alt.Axis(title=None, minExtent=84, maxExtent=84))
    x = alt.X("low:Q", axis=axis(ticks), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    base = alt.Chart(inline(rows)).encode(y=y)
    drawn = base.mark_bar(strokeWidth=0).encode(x=x, x2=alt.X2("high:Q"), fill=alt.Fill("colour:N", scale=None))
    text = base.mark_text(align="left", dx=6, fontSize=12, fontWeight=600, color=INK).encode(x=alt.X("right:Q"), text=alt.Text("text:N"))
    lines = alt.Chart(inline(joints)).mark_rule(color=MUTED, strokeWidth=1).encode(x=alt.X("at:Q"), y=alt.Y("name:N", sort=None), y2=alt.Y2("next:N"))
    return _sized(alt.layer(_rule(0.0, "x"), lines, drawn, text), across, 270)


def _ratio(years: Sequence[YearBar], width: int) -> alt.TopLevelMixin:
    shown = [bar for bar in years if bar.ratio is not None]
    room = (width - 60) / max(len(years), 1)
    rows = [{"year": str(bar.year), "ratio": bar.ratio, "full": bar.is_full, "text": wording.ratio(bar.ratio)} for bar in shown]
    for number, row in enumerate(rows):
        row["shown"] = room >= 34 or number % 2 == (len(rows) - 1) % 2
    ticks = scale([bar.ratio for bar in shown if bar.ratio is not None] + [1.0])
    names = [bar.year for bar in years]
    base = alt.Chart(inline(rows)).encode(
        x=_years_axis(names, width - 60), y=alt.Y("ratio:Q", axis=axis(ticks, **_ROOM), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    )
    line = base.transform_filter("datum.full").mark_line(color=VALUE, strokeWidth=2.5)
    solid = base.transform_filter("datum.full").mark_point(filled=True, size=60, color=VALUE, opacity=1)
    hollow = base.transform_filter("!datum.full").mark_point(size=60, stroke=VALUE, fill=PAPER, strokeWidth=1.8, opacity=1)
    text = base.transform_filter("datum.shown").mark_text(dy=-13, fontSize=12, fontWeight=600, color=INK).encode(text=alt.Text("text:N"))
    return _sized(alt.layer(_rule(1.0, "y", MUTED, _DASH), line, hollow, solid, text), width - 60, 250)


def _reps(points: Sequence[RepPoint], width: int) -> alt.TopLevelMixin:
    # The plot leaves room at the right for the lines' labels, which stand in the margin.
    across, down = width - 100, 330 if width > NARROW else 280
    costs, values = scale([point.cost for point in points], 4 if width <= NARROW else 5), scale([point.value for point in points])
    rows = [
        {
            "cost": point.cost,
            "value": point.value,
            "apart": bool(point.apart),
            "said": f"{point.name}: {wording.short(point.value)} for {wording.short(point.cost)} = {wording.ratio(point.ratio)}"
            + (f" ({point.apart})" if point.apart else ""),
        }
        for point in points
    ]
    x = alt.X("cost:Q", axis=axis(costs, grid=False), scale=alt.Scale(domain=[costs.low, costs.high], nice=False))
    y = alt.Y("value:Q", axis=axis(values, **_ROOM), scale=alt.Scale(domain=[values.low, values.high], nice=False))
    base = alt.Chart(inline(rows)).encode(x=x, y=y, description=alt.Description("said:N"))
    hollow = base.transform_filter("datum.apart").mark_point(size=44, stroke=MUTED, fill=PAPER, strokeWidth=1.3, opacity=1, aria=True)
    solid = base.transform_filter("!datum.apart").mark_point(size=64, filled=True, color=VALUE, stroke=PAPER, strokeWidth=1, opacity=0.9, aria=True)
    names = _names(points, costs, values, across, down)
    return _sized(alt.layer(*_ratio_lines(points, costs, values, across, down), _rule(0.0, "y"), hollow, solid, *names), across, down)


def _ratio_lines(points: Sequence[RepPoint], costs: Scale, values: Scale, across: int, down: int) -> list[alt.Chart]:
    """Lines of equal ratio from the origin to where they leave the plot; those whose labels would meet are left out."""
    ratios = sorted(abs(point.ratio) for point in points if point.ratio)
    rows: list[dict[str, Any]] = []
    taken: list[Box] = []
    for ratio in _LINES:
        if not ratios or values.high <= 0 or costs.high <= 0 or not ratios[0] / 3 <= ratio <= max(ratios[-1] * 2, 1):
            continue
        cost = min(costs.high, values.high / ratio)
        text, is_top = f"{wording.ratio(ratio).removesuffix('.0')} : 1", cost < costs.high
        end = (costs.position(cost, across), down - values.position(ratio * cost, down))
        label = line_label(end, text, is_top=is_top)
        if values.position(ratio * cost, down) - values.position(0, down) < 12 or any(label.meets(other) for other in taken):
            continue
        taken.append(label)
        rows.append({"from": 0, "cost": cost, "value": ratio * cost, "text": text, "top": is_top})
    base = alt.Chart(inline(rows)).encode(x=alt.X("cost:Q"), y=alt.Y("value:Q"))
    lines = base.mark_rule(color=MUTED, strokeWidth=1, opacity=0.45).encode(x2=alt.X2("from:Q"), y2=alt.Y2("from:Q"))
    right = base.transform_filter("!datum.top").mark_text(align="left", dx=6, fontSize=11, color=MUTED).encode(text=alt.Text("text:N"))
    top = base.transform_filter("datum.top").mark_text(baseline="bottom", dy=-4, fontSize=11, color=MUTED).encode(text=alt.Text("text:N"))
    return [lines, right, top]


def _names(points: Sequence[RepPoint], costs: Scale, values: Scale, across: int, down: int) -> list[alt.Chart]:
    """Names beside points where there is room; every name is in the table and in the point's tooltip."""
    dots = [(costs.position(point.cost, across), down - values.position(point.value, down)) for point in points]
    names = [fit(point.name, 115) for point in points]
    boxes = place(dots, names, Box(0, 0, across, down))
    rows = [{"x": box.x, "y": box.y, "text": name} for name, box in zip(names, boxes, strict=True) if box is not None]
    x, y = alt.X("x:Q", scale=None), alt.Y("y:Q", scale=None)
    return [alt.Chart(inline(rows)).mark_text(align="left", baseline="top", fontSize=11, color=INK).encode(x=x, y=y, text=alt.Text("text:N"))] if rows else []


def _cohorts(points: Sequence[CohortPoint], width: int) -> alt.TopLevelMixin:
    years = sorted({point.year for point in points})
    ticks = scale([point.value for point in points])
    rows = [{"year": str(point.year), "value": point.value, "age": point.age or 0, "solid": point.is_mature and point.is_comparable} for point in points]
    y = alt.Y("value:Q", axis=axis(ticks, **_ROOM), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    base = alt.Chart(inline(rows)).encode(x=_years_axis(years, width - 60), y=y)
    layers: list[alt.Chart] = [base.transform_filter("datum.age == 0").mark_tick(color=MUTED, thickness=2, width=22 if width > NARROW else 14, opacity=1)]
    for age, shape in ((36, "triangle-up"), (24, "square"), (12, "circle")):
        of_age, colour = base.transform_filter(f"datum.age == {age}"), AGE_COLOURS[age]
        layers.append(of_age.transform_filter("datum.solid").mark_line(color=colour, strokeWidth=2))
        layers.append(of_age.transform_filter("datum.solid").mark_point(shape=shape, filled=True, size=70, color=colour, opacity=1))
        layers.append(of_age.transform_filter("!datum.solid").mark_point(shape=shape, size=70, stroke=colour, fill=PAPER, strokeWidth=1.6, opacity=1))
    return _sized(alt.layer(_rule(0.0, "y"), *layers), width - 60, 300 if width > NARROW else 240)


def _rule(at: float, channel: str, colour: str = GRID, dash: Sequence[int] = ()) -> alt.Chart:
    return alt.Chart(inline([{"at": at}])).mark_rule(color=colour, strokeDash=list(dash)).encode(alt.X("at:Q") if channel == "x" else alt.Y("at:Q"))


def _sized(chart: alt.LayerChart | alt.FacetChart, width: int, height: int) -> alt.TopLevelMixin:
    return chart.properties(width=width, height=height)
