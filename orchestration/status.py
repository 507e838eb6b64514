"""What was delivered, loaded, rejected and published, and when: for a person and as JSON.

Belongs here: reading the ledger, the manifest and the last night. Doesn't: changing anything.
"""

import json
from itertools import islice
from pathlib import Path
from typing import Any

from orchestration.landing.ledger import Delivery, read_ledger
from orchestration.nightly import last_night
from orchestration.publication import manifest as published
from orchestration.settings import Home

_SHOWN, _SHOWN_REASONS = 20, 3


def status(home: Home) -> dict[str, Any]:
    """One object with everything; a delivery that failed is listed with its reason until it is mended."""
    night = last_night(home)
    failed = [
        {"source": one.source, "entity": one.entity, "extract_date": str(one.extract_date), "file": one.file, "lines": 0, "loaded": 0, "rejected": 0}
        | {"state": "failed", "undeclared_columns": [], "reasons": [one.reason], "rejects_file": None, "reason": one.reason, "do": one.do}
        for one in (night.failed if night else ())
    ]
    return {
        "home": str(home.root),
        "deliveries": [_delivery(one, home) for one in read_ledger(home)] + failed,
        "publication": _publication(home),
        "last_night": {"outcome": night.outcome, "ended_at": night.ended_at, "reason": night.reason} if night else None,
    }


def as_text(found: dict[str, Any]) -> str:
    """The same for a person: totals an entity, then what failed, then what readers see."""
    lines = [f"{'source.entity':<40}{'files':>7}{'lines':>12}{'loaded':>12}{'rejected':>10}  latest"]
    for name, group in sorted(_by_entity(found["deliveries"]).items()):
        sums = "".join(f"{sum(one[key] for one in group):>{width},}" for key, width in (("lines", 12), ("loaded", 12), ("rejected", 10)))
        lines.append(f"{name:<40}{len(group):>7}{sums}  {max(one['extract_date'] for one in group)}")
    latest = sorted(found["deliveries"], key=lambda one: str(one["extract_date"]), reverse=True)
    lines += _listed("rejected", [f"{one['file']}: {_rejected(one)}" for one in latest if one["rejected"]])
    lines += _listed("withdrawn", [one["file"] for one in latest if one["state"] == "withdrawn"])
    lines += _listed("failed", [f"{one['file']}: {one['reason']}" for one in latest if one["state"] == "failed"])
    seen, night = found["publication"], found["last_night"]
    lines += [
        "",
        f"published: {seen['id']} (as of {seen['as_of']}, {seen['published_at']}), {len(seen['tables'])} tables" if seen else "published: nothing yet",
    ]
    lost = seen["tables"].get("conflict", {"rows": 0})["rows"] if seen else 0
    lines += [f"conflicts: {lost:,} {'row' if lost == 1 else 'rows'} lost against another of one key and extract; see the table `conflict`"] * bool(lost)
    lines += [f"last night: {night['outcome']} at {night['ended_at']}" + (f": {night['reason']}" if night["reason"] else "")] if night else []
    return "\n".join(lines)


def _listed(kind: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    more = [f"and {len(lines) - _SHOWN} more {kind}; `repledger status --json` has all"] if len(lines) > _SHOWN else []
    return ["", *(f"{kind}: {line}" for line in lines[:_SHOWN]), *more]


def _rejected(one: dict[str, Any]) -> str:
    more = "; …" if one["rejected"] > len(one["reasons"]) else ""
    return f"{one['rejected']} of {one['lines']} lines: {'; '.join(one['reasons'])}{more}; all of them: {one['rejects_file']}"


def _by_entity(deliveries: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in deliveries:
        if one["state"] not in ("failed", "withdrawn"):
            groups.setdefault(f"{one['source']}.{one['entity']}", []).append(one)
    return groups


def _delivery(one: Delivery, home: Home) -> dict[str, Any]:
    return {
        "source": one.source,
        "entity": one.entity,
        "extract_date": str(one.extract_date),
        "file": one.file,
        "lines": one.lines,
        "loaded": one.loaded,
        "rejected": one.rejected,
        "state": one.state,
        "undeclared_columns": list(one.undeclared_columns),
        "reasons": _reasons(one.rejects(home)) if one.rejected else [],
        "rejects_file": str(one.rejects(home)) if one.rejected and one.rejects(home).is_file() else None,
    }


def _reasons(rejects: Path) -> list[str]:
    """Line and reason of the first rejected lines; never what they hold."""
    if not rejects.is_file():
        return []
    with rejects.open(encoding="utf-8") as file:
        first = [json.loads(line) for line in islice(file, _SHOWN_REASONS)]
    return [f"line {one['line']}: {one['reason']}" for one in first]


def _publication(home: Home) -> dict[str, Any] | None:
    found = published.current(home)
    if found is None:
        return None
    shown, published_at = found
    return {
        "id": shown.id,
        "as_of": shown.as_of,
        "sha256": shown.sha256,
        "published_at": published_at,
        "tables": {table.name: {"rows": table.rows, "sha256": table.sha256} for table in (*shown.tables, *([shown.restatement] if shown.restatement else []))},
    }
