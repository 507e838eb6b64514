"""What the warehouse file holds right now: made from what, and whether the gate passed on it. Publication asks here.

Belongs here: the small file beside the scratch that says so. Doesn't: building, checking or publishing.
A warehouse that was rebuilt in part, or that no gate has passed, is never published, whoever asks for it and from where.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration.settings import Home


@dataclass(frozen=True)
class WarehouseState:
    """A warehouse that was built whole. files: sha256 by delivery that it was made from; code, settings: hashes of what shaped it.

    told_on_from: the fingerprint of the warehouse that deliveries were added to; empty when it was made anew.
    """

    fingerprint: str
    as_of: str
    code: str
    settings: str
    files: Mapping[str, str]
    has_passed: bool = False
    told_on_from: str = ""


def read_state(home: Home) -> WarehouseState | None:
    """None when the warehouse is missing, half-built or rebuilt in part."""
    return _read(_file(home)) if home.warehouse.is_file() else None


def forget(home: Home) -> None:
    """Called before the first change to the warehouse."""
    _file(home).unlink(missing_ok=True)


def remember(home: Home, state: WarehouseState) -> None:
    """Called after the last change to the warehouse."""
    _write(_file(home), state)


def remember_passed(home: Home, state: WarehouseState) -> WarehouseState:
    """The gate passed on the warehouse as it is."""
    passed = replace(state, has_passed=True)
    remember(home, passed)
    return passed


def remember_published(home: Home, state: WarehouseState) -> None:
    """Readers see what was made of this warehouse."""
    _write(_published_file(home), state)


def new_deliveries(home: Home, built: WarehouseState, published_fingerprint: str) -> Sequence[str] | None:
    """The deliveries that the gate has not passed on yet; None, which means all, unless the others are exactly those of the last publication.

    Other bytes, a withdrawn file, new code or settings: any of them, and everything is looked at again.
    """
    passed = _read(_published_file(home))
    if passed is None or (passed.fingerprint, passed.code, passed.settings) != (published_fingerprint, built.code, built.settings):
        return None
    if not passed.files.items() <= built.files.items():
        return None
    return sorted(built.files.keys() - passed.files.keys())


def _read(path: Path) -> WarehouseState | None:
    try:
        state = WarehouseState(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return state if isinstance(state.files, dict) else None


def _write(path: Path, state: WarehouseState) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(state), indent=1))
    beside.replace(path)


def _published_file(home: Home) -> Path:
    return home.work / "published.json"


def _file(home: Home) -> Path:
    return home.work / "warehouse.json"
