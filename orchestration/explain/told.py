"""An explanation in words, and as JSON.

Belongs here: how it is told. Doesn't: what is told (`explanation`).
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orchestration.explain import told_weights
from orchestration.explain.explanation import Explanation, Row
from orchestration.landing.problems import counted

# The json module knows no decimal: it is told as a text that no delivered cell can be, and loses its quotes.
_DECIMAL = re.compile(r'"\\u0000(-?[0-9.]+)"')


def as_json(explanation: Explanation) -> str:
    """One object: value, what it is of, steps, lines. Amounts are numbers; what a line doesn't have is left out."""
    cell = explanation.cell
    table = {
        "table": cell.table,
        "column": cell.column,
        "key": cell.key,
        "value": cell.value,
        "metric_versions": cell.row.get("metric_versions"),
        "currency": explanation.currency,
        "publication": explanation.publication,
        "rule": explanation.rule,
        "steps": explanation.steps,
        "lines": explanation.lines,
    }
    return exact_json(table)


def exact_json(value: Any) -> str:
    """JSON in which a decimal is a number with all its digits: as a float, those after the fifteenth would be others, and lines add up no more."""
    return _DECIMAL.sub(r"\1", json.dumps(value, default=_plain, ensure_ascii=False))


def as_text(explanation: Explanation) -> str:
    """The same for a person; of the lines as many as were asked for."""
    return "\n".join(_told(explanation))


def _plain(value: Any) -> str:
    return f"\0{value:f}" if isinstance(value, Decimal) else str(value)


def _told(explanation: Explanation) -> Iterator[str]:
    cell = explanation.cell
    unit = f" {explanation.currency}" if cell.column.endswith("_amount") and "local" not in cell.column else ""
    yield f"{cell.table}.{cell.column} = {_number(cell.value)}{unit if cell.value is not None else ''}"
    yield f"  {', '.join(f'{name}={_number(value, plain=True)}' for name, value in cell.key.items())}"
    yield f"  publication {explanation.publication}"
    yield from (f"  {text}" for text in (explanation.meaning, explanation.rule) if text)
    for step in explanation.steps:
        if step["step"] in _TOTALS:
            yield from _TOTALS[step["step"]](step)
    yield from told_weights.told(explanation.steps)
    for step in explanation.steps:
        if step["step"] in _RULES:
            yield from _RULES[step["step"]](step)
    shown, count = len(explanation.lines), explanation.line_count
    if shown:
        yield f"\ndelivered lines{f' (the {shown} largest of {count:,}; --json has all)' if shown < count else ''}"
    yield from (_line(line, cell.key.get("crm_user_id")) for line in explanation.lines)


def _answer(step: Row) -> Iterator[str]:
    yield f"\n{step['part']}"
    yield from (f"  {rule}" for rule in step["rules"])
    yield f"  {_number(step['total']):>20}  {step['table']}"


def _sum(step: Row) -> Iterator[str]:
    yield f"  {_number(step['total']):>20}  {step['table']}, {counted(step['rows'], 'row')}"


def _delivered(step: Row) -> Iterator[str]:
    yield f"  {_number(step['total']):>20}  {counted(step['rows'], 'delivered line')} of {counted(step['files'], 'file')}"


def _rate(step: Row) -> Iterator[str]:
    place = f", {step['file']}:{step['line']}" if step["file"] else "" if step["made_from"] else " (the reporting currency)"
    made = f" ({step['made_from']})" if step["made_from"] else ""
    yield f"  rate of {step['part']}: {step['currency']} × {step['fx_rate'].normalize():f}{made} on {counted(step['rows'], 'line')}{place}"


def _index(step: Row) -> Iterator[str]:
    base, own = (f"{step[name].normalize():f}" for name in ("base_index_value", "index_value"))
    carried = "" if step["month_on"] == step["told_month_on"] else f", that of {step['told_month_on']:%Y-%m}"
    made = f"{base} of {step['base_month_on']:%Y-%m} / {own}{carried}"
    lines = counted(step["rows"], "line")
    yield f"  index of {step['part']}: {step['month_on']:%Y-%m} × {step['deflator'].normalize():f} ({made}) on {lines}, {step['file']}:{step['line']}"


def _correction(step: Row) -> Iterator[str]:
    yield f"  correction {step['correction_id']} of {step['entity']}.{step['column_name']}: {step['reason']}, {step['file']}:{step['line']}"


_TOTALS = {"answer": _answer, "sum": _sum, "delivered": _delivered}
_RULES = {"rate": _rate, "index": _index, "correction": _correction}


def _line(line: Row, seller: str | None) -> str:
    how = []
    if "delivered_amount" in line and line.get("currency"):
        how.append(f"{line['currency']} {_number(line['delivered_amount'])}")
    if line.get("partner_amount"):
        how.append(f"less a partner's {_number(line['partner_amount'])}")
    if "split_pct" in line:
        places = ", ".join(f"{one['file']}:{one['line']}" for one in line["splits"] if one["crm_user_id"] == seller or seller is None)
        how.append(f"{line['split_pct'].normalize():f} of {line['split_total_pct'].normalize():f} % ({places})")
    if line.get("times", 1) != 1:
        how.append(f"in {line['times']} month ends")
    if "component" in line:
        how.append(_part_of_cost(line))
    what = " ".join(str(line[name]) for name in ("entity", "key") if name in line)
    return f"  {_number(line.get('amount')):>20}  {line['file']}:{line['line']}  {what}{'  ' if how else ''}{', '.join(how)}"


def _part_of_cost(line: Row) -> str:
    """Which component of whose cost a line is in, so that its share is found above."""
    told = f"{line['component']} of {line['month_on']:%Y-%m}"
    if "carrier_crm_user_id" in line:
        whom = line["carrier_crm_user_id"]
        return f"{told} of {line['from_crm_user_id']} for {whom}" if "from_crm_user_id" in line else f"{told} for {whom}"
    if line["component"] == "paid_leave" and "of_line_amount" in line:
        return f"{told}, the part for days of leave"
    return f"{told} of {line['crm_user_id']}" + (", less the part for days of leave" if "of_line_amount" in line else "")


def _number(value: Any, *, plain: bool = False) -> str:
    if value is None:
        return "null"
    return f"{value:,}" if isinstance(value, Decimal | int | float) and not isinstance(value, bool) and not plain else str(value)
