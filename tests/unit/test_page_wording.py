"""Numbers, periods and changes are written alike everywhere on the page."""

import datetime as dt
import itertools
import re
from decimal import Decimal

import pytest

from expectations.marts.costs import COMPONENTS
from orchestration.book import wording
from orchestration.book.charts import RepPoint, reps_chart
from orchestration.book.labels import Box, fit, place, text_width


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "–"), (0, "0"), (Decimal("0.004"), "0"), (Decimal("-0.004"), "0"), (12.5, "12.50"), (999, "999"), (999.6, "1 K"), (1234, "1.23 K"),
        (999_960, "1 M"), (109_846_381, "110 M"), (Decimal("-4500"), "−4.5 K"), (7.25e9, "7.25 B"), (3e15, "3,000 T"),
    ],
)  # fmt: skip
def test_amounts_have_three_digits_and_a_step(amount, text):
    assert wording.short(amount).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (6.1234, "6.1"), (0.994, "0.99"), (0.995, "1.0"), (-2, "−2.0"), (99.96, "100"), (1234, "1,234"), (52_000, "52\u00a0K")]
)
def test_ratios_show_the_digits_that_matter(value, text):
    assert wording.ratio(value) == text


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (6.1, 7.4, "rose from 6.1 to 7.4"), (7.4, 6.1, "fell from 7.4 to 6.1"), (6.10, 6.14, "stayed about 6.1"), (100, 101, "stayed about 101"),
        (-2, 1, "rose from −2.0 to 1.0"), (0, 0, "stayed about 0.00"),
    ],
)  # fmt: skip
def test_a_change_is_said_only_when_it_can_be_seen(before, after, words):
    assert wording.trend("2017", before, "2025", after, wording.ratio) == f"{words} between 2017 and 2025"


@pytest.mark.parametrize(
    ("ratios", "decimals", "texts"),
    [
        ((4.4856, 4.4853, 4.5675, 4.5649, 4.0394, 4.8955, 4.7829), 2, ["0.00", "+0.08", "0.00", "−0.53", "+0.85", "−0.11"]),
        ((4.4856, 4.7829), 2, ["+0.29"]), ((1.004, 1.004, 1.006), 2, ["0.00", "+0.01"]), ((12.04, 11.96, -3.0), 1, ["−0.1", "−14.9"]),
        ((1200.4, 2400.6), 0, ["+1,201"]),
    ],
)  # fmt: skip
def test_steps_of_a_ratio_add_up_as_they_are_shown(ratios, decimals, texts):
    assert wording.ratio_changes(ratios, decimals) == texts


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((2026, 1, 1), (2026, 4, 1), "Jan to Mar 2026"), ((2026, 5, 1), (2026, 6, 1), "May 2026"), ((2025, 7, 1), (2026, 7, 1), "Jul 2025 to Jun 2026"),
        ((2026, 1, 5), (2026, 4, 1), "2026-01-05 to 2026-03-31"),
    ],
)  # fmt: skip
def test_periods_whose_end_is_exclusive_are_named_by_their_last_day(start, end, text):
    assert wording.period(dt.date(*start), dt.date(*end)).replace("\u00a0", " ") == text


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_of_cost_is_called_in_words(component: str) -> None:
    assert "_" not in wording.component(component)


def test_lists_and_names():
    assert (wording.listing([]), wording.listing(["a"]), wording.listing(["a", "b", "c"])) == ("", "a", "a, b and c")
    assert wording.components("bonus, taxes, expenses") == "bonus, employer taxes and expense claims"
    assert wording.shown_name("\x07bad\u202ename") == "bad name"
    assert wording.shown_name("\x00\ufffe\uffff", "u\x011") == "u 1"
    assert wording.shown_name(None, "\x00") == "unknown"


def test_years_in_a_row_are_one_span():
    assert [wording.spans(years) for years in ([], [2020], [2016, 2017, 2018, 2020])] == ["", "2020", "2016 to 2018 and 2020"]


def test_names_beside_points_never_meet_a_point_or_another_name():
    points = [(50.0, 50.0), (52.0, 52.0), (120.0, 50.0), (50.0, 66.0)]
    boxes = [box for box in place(points, ["first", "second", "third", "fourth"], Box(0, 0, 200, 100)) if box]
    assert boxes
    for number, box in enumerate(boxes):
        assert not any(box.meets(other) for other in boxes[number + 1 :])
        assert not any(box.meets(Box(x - 4, y - 4, 8, 8)) for x, y in points)
        assert Box(0, 0, 200, 100).holds(box)


def test_long_names_are_cut_by_their_width_not_their_length():
    assert fit("Ada", 100) == "Ada"
    assert fit("山田太郎山田太郎山田太郎", 100).endswith("…")
    assert text_width(fit("山田太郎山田太郎山田太郎", 100)) <= 100


def test_lines_of_equal_ratio_are_labelled_apart_even_beside_somebody_who_cost_next_to_nothing():
    points = [RepPoint("Ada", 900_000, 4_000_000, 4.4, ""), RepPoint("Bo", 2_500_000, 12_400_000, 5.0, ""), RepPoint("Cy", 10, 4_000_000, 400_000, "new")]
    drawn = reps_chart(points, "Reps").wide
    labels = [
        (float(x), float(y), text)
        for x, y, text in re.findall(r'<text text-anchor="\w+" transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*>([\d.]+ : 1)<', drawn)
    ]
    at_top = sorted((x, text_width(text), text) for x, y, text in labels if y < 0)
    assert len(at_top) > 2, labels
    assert all(one[0] + one[1] / 2 < other[0] - other[1] / 2 for one, other in itertools.pairwise(at_top)), at_top
