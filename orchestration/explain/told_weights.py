"""Weights in words: by which each share of a cost was cut, and the lines that make them.

Belongs here: how these steps are told. Doesn't: other steps (`told`), what is told (`weights`).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from orchestration.explain.weights import Row

_MOST = 40
"""How many of a kind are told in words: a company's cost has thousands."""
_MOST_PEOPLE = 12
_UNITS = {"headcount": "% × days present", "full_time": "% × full-time days", "revenue": "revenue of the month", "days": "days", "hours": "hours"}
_NO_END = dt.date(9999, 12, 31)


def told(steps: Sequence[Row]) -> Iterator[str]:
    """The lines of text for the steps that are about weights; of each kind the first ones."""
    kinds = [*((kind, None) for kind in _STEPS if kind != "weight_line"), *(("weight_line", entity) for entity in _LINES)]
    for kind, entity in kinds:
        found = [step for step in steps if step["step"] == kind and entity in (None, step.get("entity"))]
        found = _joined(found, _SPANS[kind]) if kind in _SPANS else found
        for step in found[:_MOST]:
            yield from _STEPS[kind](step)
        if len(found) > _MOST:
            yield f"  {len(found) - _MOST:,} more {_NAMES[kind] if entity is None else f'lines of {entity}'}; --json has all"
    if any(step["step"] == "share" for step in steps):
        yield "  --json has the weights of all who share with them, and the lines that make these"


def _share(step: Row) -> Iterator[str]:
    part = f"{_plain(step['carried_pct'])} % of it by" if "carried_pct" in step else "by"
    weights = " of ".join(_plain(step[name]) for name in ("carried_weight", "carried_weight_total"))
    place = f", {step['rule_file']}:{step['rule_line']}" if "rule_file" in step else ""
    of_whom = f" of {step['from_crm_user_id']} for {step['carrier_crm_user_id']}" if "from_crm_user_id" in step else f" for {step['carrier_crm_user_id']}"
    key = step["carried_key"]
    unit = f" {_UNITS[key]}" if key in _UNITS and _UNITS[key] != key else ""
    yield f"  share of {step['part']}: {step['component']} of {_month(step['month_on'])}{of_whom}, {part} {key}: {weights}{unit}{place}"


def _hours(step: Row) -> Iterator[str]:
    hours = f"{_plain(step['hours'])} of {_plain(step['hours_worked'])} hours of {step['from_crm_user_id']}"
    yield f"  coaching before any share of a manager: {hours} in {_month(step['month_on'])} went to who was coached; only the rest is shared by days"


def _leave(step: Row) -> Iterator[str]:
    leave, paid = (_plain(step[name] / 10_000) for name in ("leave_weight", "paid_weight"))
    yield f"  paid leave of {step['employee_number']} in {_month(step['month_on'])}: {leave} of {paid} paid full-time days; this part of pay for days is apart"


def _standard(step: Row) -> Iterator[str]:
    own, all_days = (_plain(step[name] / 100) for name in ("full_time_pct_days", "cell_full_time_pct_days"))
    yield f"  standard of {step['fiscal_year']}: {own} of {all_days} full-time days in the cell {step['cell']} of {len(step['people'])} people"
    people = ", ".join(f"{one['crm_user_id']} {_plain(one['full_time_pct_days'] / 100)}" for one in step["people"][:_MOST_PEOPLE])
    yield f"    {people}{', …' if len(step['people']) > _MOST_PEOPLE else ''}"


def _days(step: Row) -> Iterator[str]:
    present, full = (_plain(step[name] / 100) for name in ("present_pct_days", "full_time_pct_days"))
    who = f"{step['crm_user_id']} ({step['employee_number']})"
    yield f"  days of {who} {_span(step['from_on'], step['to_on'])}: {step['days_employed']} employed, {present} not on leave, {full} of full time"


def _reported(step: Row) -> Iterator[str]:
    yield f"  {step['crm_user_id']} ({step['employee_number']}) reported to {step['from_crm_user_id']} {_span(step['from_on'], step['to_on'])}"


def _joined(steps: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Months that follow each other as one span, if all have the same names and none has days off."""
    found: list[Row] = []
    for step in sorted(steps, key=lambda step: (step["crm_user_id"], step["employee_number"], step["from_on"])):
        last = found[-1] if found else {}
        if last and last["to_on"] == step["from_on"] and _is_full(last) and _is_full(step) and all(last[name] == step[name] for name in names):
            found[-1] = last | {"to_on": step["to_on"]} | {name: last[name] + step[name] for name in _SUMS if name in step}
        else:
            found.append(step)
    return found


_SUMS = ("days_employed", "present_pct_days", "full_time_pct_days")


def _is_full(step: Row) -> bool:
    return "days_employed" not in step or 100 * step["days_employed"] == step["present_pct_days"] == step["full_time_pct_days"]


def _weight_line(step: Row) -> Iterator[str]:
    yield f"  {_LINES[step['entity']](step)}, {step['file']}:{step['line']}"


def _employee(step: Row) -> str:
    return f"employee {step['employee_number']}, employed {_span(step.get('hired_on'), step.get('left_on'))}"


def _job(step: Row) -> str:
    return f"job of {step['employee_number']}: {_plain(step['full_time_pct'])} % {_span(step['valid_from_on'], step['valid_to_on'])}"


def _absence(step: Row) -> str:
    paid = "paid" if step["is_paid"] else "unpaid"
    return f"leave of {step['employee_number']}: {_plain(step['absence_pct'])} %, {paid}, {_span(step['starts_on'], step.get('ends_on'))}"


def _crm_user(step: Row) -> str:
    return f"manager of {step['crm_user_id']}: {step.get('manager_crm_user_id', 'nobody')} {_span(step['valid_from_on'], None)}"


def _coaching(step: Row) -> str:
    return f"session of {step['session_on']}: {_plain(step['hours'])} hours of {step['coach_crm_user_id']} for {step['crm_user_id']}"


_SPANS = {"days": ("crm_user_id", "employee_number"), "reported": ("crm_user_id", "employee_number", "from_crm_user_id")}
_LINES: Mapping[str, Callable[[Row], str]] = {"employee": _employee, "job": _job, "absence": _absence, "crm_user": _crm_user, "coaching": _coaching}
_STEPS: Mapping[str, Callable[[Row], Iterator[str]]] = {
    "standard": _standard,
    "share": _share,
    "hours": _hours,
    "leave": _leave,
    "days": _days,
    "reported": _reported,
    "weight_line": _weight_line,
}
_NAMES = {
    "standard": "years at standard cost",
    "share": "shares",
    "hours": "months of coaches",
    "leave": "months with paid leave",
    "days": "spans of days",
    "reported": "spans under a manager",
}


def _month(day: dt.date) -> str:
    """A month, or the first day of the part of one that a fiscal year's end cuts."""
    return f"{day:%Y-%m}" if day.day == 1 else str(day)


def _span(from_on: dt.date | None, to_on: dt.date | None) -> str:
    begun = f"from {from_on}" if from_on and from_on.year > 1 else "from the beginning"
    return begun + (f" until {to_on}" if to_on and to_on != _NO_END else "")


def _plain(number: Decimal) -> str:
    return f"{Decimal(number).normalize():,f}"
