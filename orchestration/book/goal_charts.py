"""The charts of goal attainment: by fiscal year and by rep.

Belongs here: spreads of attainment around 100 %. Doesn't: which goals count, colours that judge.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from orchestration.book import wording
from orchestration.book.canvas import GRID, HALF, INK, MUTED, NARROW, PAPER, VALUE, VALUE_SOFT, WIDE, Picture, Scale, axis, inline, picture, scale
from orchestration.book.labels import fit

FAR = 250.0


@dataclass(frozen=True)
class Spread:
    """Attainment of one fiscal year's goals, in percent: the middle half, the middle four fifths, the median."""

    year: int
    count: int
    low: float
    lower: float
    median: float
    upper: float
    high: float
    is_full: bool


@dataclass(frozen=True)
class RepGoals:
    """Attainment of one rep's goals, in percent, in the order of their periods."""

    name: str
    attained: tuple[float, ...]


def spread_chart(years: Sequence[Spread], label: str, is_half: bool) -> Picture:
    """A box a fiscal year."""
    return picture(lambda width: _spread(years, width), label, HALF if is_half else WIDE)


def rep_goals_chart(reps: Sequence[RepGoals], beside: Sequence[RepGoals], label: str) -> Picture:
    """A row a rep, a dot a goal. beside: the reps of the chart beside it, which has the same axis."""
    reach = scale([_near(value) for rep in (*reps, *beside) for value in rep.attained] + [100.0], 4)
    return picture(lambda width: _rep_goals(reps, reach, width), label, HALF)


def _near(value: float) -> float:
    return max(-FAR, min(FAR, value))


def _spread(years: Sequence[Spread], width: int) -> alt.TopLevelMixin:
    rows = [
        {"year": str(of.year), "low": _near(of.low), "lower": _near(of.lower), "median": _near(of.median), "upper": _near(of.upper),
         "high": _near(of.high), "full": of.is_full}
        for of in years
    ]  # fmt: skip
    ticks = scale([_near(value) for of in years for value in (of.low, of.high)] + [100.0])
    text = f"'{chr(0x2019)}' + slice(datum.label, 2)" if (width - 60) / max(len(rows), 1) < 38 else "datum.label"
    x = alt.X("year:O", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelExpr=text), scale=alt.Scale(paddingInner=0.5, paddingOuter=0.25))
    base = alt.Chart(inline(rows)).encode(x=x)
    y = alt.Y("low:Q", axis=_percent_axis(ticks, minExtent=48, maxExtent=48), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    box_width = min(44.0, (width - 60) / len(rows) * 0.5)
    whisker = base.mark_rule(color=MUTED, strokeWidth=1.2).encode(y=y, y2=alt.Y2("high:Q"))
    box = base.encode(y=alt.Y("lower:Q"), y2=alt.Y2("upper:Q"))
    solid = box.transform_filter("datum.full").mark_bar(color=VALUE_SOFT, width=box_width)
    part = box.transform_filter("!datum.full").mark_bar(fill=PAPER, stroke=VALUE, strokeDash=[4, 3], strokeWidth=1.2, width=box_width)
    middle = base.mark_tick(color=INK, thickness=2.5, width=box_width, opacity=1).encode(y=alt.Y("median:Q"))
    return alt.layer(_hundred("y"), whisker, solid, part, middle).properties(width=width - 60, height=250)


def _rep_goals(reps: Sequence[RepGoals], ticks: Scale, width: int) -> alt.TopLevelMixin:
    room = 170 if width > NARROW else 125
    rows: list[dict[str, Any]] = []
    for number, rep in enumerate(reps):
        said = f"{rep.name}: {wording.listing([wording.percent(value) for value in rep.attained])}"
        rows += [{"row": number, "at": _near(value), "far": abs(value) > FAR, "said": said} for value in rep.attained]
    # Rows are told apart by number: two names may be cut to the same letters.
    names = [fit(rep.name, room - 10) for rep in reps]
    y_axis = alt.Axis(
        title=None, labelExpr=f"{json.dumps(names)}[datum.value]", labelColor=INK, grid=True, gridColor=GRID, labelFontSize=11, minExtent=room, maxExtent=room
    )
    y = alt.Y("row:O", axis=y_axis, scale=alt.Scale(domain=list(range(len(reps)))))
    x = alt.X("at:Q", axis=_percent_axis(ticks, orient="top", grid=False), scale=alt.Scale(domain=[ticks.low, ticks.high], nice=False))
    base = alt.Chart(inline(rows)).encode(x=x, y=y, description=alt.Description("said:N"))
    dot = base.transform_filter("!datum.far").mark_point(filled=True, size=34, color=VALUE, opacity=0.6, aria=True)
    far = base.transform_filter("datum.far").mark_point(shape="triangle-right", filled=True, size=44, color=VALUE, opacity=0.8, aria=True)
    return alt.layer(_hundred("x"), dot, far).properties(width=width - room - 24, height=max(17 * len(reps), 40))


def _percent_axis(ticks: Scale, **options: Any) -> alt.Axis:
    return axis(ticks, wording.percent, **options)


def _hundred(channel: str) -> alt.Chart:
    return alt.Chart(inline([{"at": 100.0}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(alt.X("at:Q") if channel == "x" else alt.Y("at:Q"))
