"""What the warehouse file holds right now: made from what, and whether the gate passed on it. Publication asks here.

Belongs here: the small file beside the scratch that says so. Doesn't: building, checking or publishing.
A warehouse that was rebuilt in part, or that no gate has passed, is never published, whoever asks for it and from where.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration.settings import Home


@dataclass(frozen=True)
class WarehouseState:
    """A warehouse that was built whole. files: deliveries it was made from; code, settings: hashes of what shaped it."""

    fingerprint: str
    as_of: str
    code: str
    settings: str
    files: Sequence[str]
    has_passed: bool = False


def read_state(home: Home) -> WarehouseState | None:
    """None when the warehouse is missing, half-built or rebuilt in part."""
    try:
        state = WarehouseState(**json.loads(_file(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return state if home.warehouse.is_file() else None


def forget(home: Home) -> None:
    """Called before the first change to the warehouse."""
    _file(home).unlink(missing_ok=True)


def remember(home: Home, state: WarehouseState) -> None:
    """Called after the last change to the warehouse."""
    beside = _file(home).with_suffix(".new")
    beside.write_text(json.dumps(asdict(state), indent=1))
    beside.replace(_file(home))


def remember_passed(home: Home, state: WarehouseState) -> WarehouseState:
    """The gate passed on the warehouse as it is."""
    passed = replace(state, has_passed=True)
    remember(home, passed)
    return passed


def _file(home: Home) -> Path:
    return home.work / "warehouse.json"
