"""How amounts, ratios, years and lists are written, everywhere on the page alike.

Belongs here: text from numbers. Doesn't: choosing what is said.
"""

import datetime as dt
import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

Number = float | int | Decimal

NO_BREAK, MINUS, DASH = "\u00a0", "\u2212", "\u2013"
_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
# Direction signs turn the line around a name; on signs that XML can't hold, vl-convert aborts the whole process.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
COMPONENTS = ("base", "commission", "bonus", "taxes", "benefits", "expenses")
_COMPONENT_WORDS = {
    "base": "base pay", "taxes": "employer taxes", "expenses": "expense claims", "clawback": "commission taken back", "management": "the managers' share",
    "sign_on": "sign-on pay", "paid_leave": "pay during long leave",
}  # fmt: skip


def short(amount: Number | None) -> str:
    """Three digits and a step: 1.23 M, 109 M, −4.5 K. An en dash for nothing."""
    if amount is None:
        return DASH
    size, sign = abs(float(amount)), MINUS if amount < 0 else ""
    for factor, step in _STEPS:
        if size >= factor * 0.9995:
            return f"{sign}{_three_digits(size / factor)}{NO_BREAK}{step}"
    whole = f"{size:,.0f}" if size >= 100 or size == int(size) else f"{size:,.2f}"
    return f"{sign}{whole}" if float(whole.replace(",", "")) else "0"


def money(amount: Number | None, currency: str) -> str:
    """A short amount with its currency in front."""
    return DASH if amount is None else f"{currency}{NO_BREAK}{short(amount)}"


def exact(amount: Number) -> str:
    """To the cent, with thousands."""
    text = f"{abs(amount):,.2f}"
    return text if amount >= 0 or not float(text.replace(",", "")) else MINUS + text


def ratio(value: Number | None) -> str:
    """Value per 1 of cost: 6.1, 0.42, 135."""
    if value is None:
        return DASH
    size, sign = abs(float(value)), MINUS if value < 0 else ""
    if size >= 9999.5:
        return short(value)
    return sign + (f"{size:.2f}" if size < 0.995 else f"{size:.1f}" if size < 99.95 else f"{size:,.0f}")


def with_decimals(value: Number, decimals: int) -> str:
    """A ratio to so many decimals: 4.49, −2.0, 1,234."""
    text = f"{abs(float(value)):,.{decimals}f}"
    return MINUS + text if value < 0 and text.strip("0.") else text


def ratio_changes(ratios: Sequence[Number], decimals: int) -> list[str]:
    """Each step from one ratio to the next, with its sign: as they are shown, the steps add up to the first and the last ratio as these are shown.

    What rounding would leave over goes, a unit each, to the steps that it moves least.
    """
    units = [float(value) * 10**decimals for value in ratios]
    steps = [after - before for before, after in itertools.pairwise(units)]
    shown = [round(step) for step in steps]
    over = round(units[-1]) - round(units[0]) - sum(shown)
    sign = 1 if over > 0 else -1
    nearest = sorted(range(len(steps)), key=lambda at: (not steps[at], sign * (shown[at] - steps[at])))
    for at in nearest[: abs(over)]:
        shown[at] += sign
    return [("+" if step > 0 else "") + with_decimals(step / 10**decimals, decimals) for step in shown]


def percent(value: Number | None) -> str:
    """0 to 100, without decimals."""
    return DASH if value is None else f"{MINUS if round(value) < 0 else ''}{abs(round(value)):,}{NO_BREAK}%"


def trend(first: str, first_amount: Number, last: str, last_amount: Number, text: Callable[[Number], str]) -> str:
    """What happened between two labels: rose, fell or stayed. A change that the page's digits don't show, or under 2 %, is none."""
    before, after = float(first_amount), float(last_amount)
    if text(first_amount) == text(last_amount) or abs(after - before) < 0.02 * max(abs(after), abs(before)):
        return f"stayed about {text(last_amount)} between {first} and {last}"
    return f"{'rose' if after > before else 'fell'} from {text(first_amount)} to {text(last_amount)} between {first} and {last}"


def plural(count: int, one: str, many: str = "") -> str:
    """1 rep, 2 reps."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(on: dt.date) -> str:
    """8 January 2026, whatever the machine's locale."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def period(start: dt.date, end: dt.date) -> str:
    """A period whose end is exclusive: Jan to Mar 2026, May 2026, or both days where it isn't whole months."""
    last = end - dt.timedelta(days=1)
    if start.day != 1 or end.day != 1:
        return f"{start:%Y-%m-%d} to {last:%Y-%m-%d}".replace(" ", NO_BREAK)
    first_month, last_month = MONTHS[start.month - 1][:3], MONTHS[last.month - 1][:3]
    first = first_month if start.year == last.year else f"{first_month} {start.year}"
    whole = f"{last_month} {last.year}" if (start.year, start.month) == (last.year, last.month) else f"{first} to {last_month} {last.year}"
    return whole.replace(" ", NO_BREAK)


def listing(words: Sequence[str]) -> str:
    """A, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def spans(years: Sequence[int]) -> str:
    """Ascending years, those in a row as one: 2016 to 2018 and 2020."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listing([str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs])


def components(missing: str | None) -> str:
    """Cost components as a sentence names them, from the published list of those that weren't delivered."""
    return listing([component(word) for word in re.split(r",\s*", missing or "") if word])


def component(name: str) -> str:
    """One of them."""
    return _COMPONENT_WORDS.get(name, name)


def shown_name(name: object, fallback: str = "unknown") -> str:
    """A name without control and direction characters, which would break a drawing or turn the line around it."""
    return _UNSHOWN.sub(" ", str(name or "")).strip() or _UNSHOWN.sub(" ", fallback).strip() or "unknown"


def _three_digits(size: float) -> str:
    text = f"{size:,.0f}" if size >= 99.95 else f"{size:.1f}" if size >= 9.995 else f"{size:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
