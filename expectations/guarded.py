"""Which columns hold pay or personal data: their cells never stand in a message, a log or a list of failures.

Read from the tags of the dbt project's yml files, the one home of that fact. Doesn't belong here: what to do about them.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import DBT_DIR

GUARDING_TAGS = frozenset({"pay", "personal"})
_HISTORY = re.compile(r"core_(\w+)_history$")


def guarded_columns(table: str) -> frozenset[str]:
    """Guarded columns of a built table (`schema.name`). A history holds the columns of its contract."""
    columns = {**_columns(table), **_columns(_HISTORY.sub(r"input_\1", table))}
    return frozenset(name for name, is_guarded in columns.items() if is_guarded)


def open_columns(table: str) -> frozenset[str]:
    """Columns of a built table that are described and not guarded: a column that nobody has described is not known to be harmless."""
    return frozenset(name for name, is_guarded in _columns(table).items() if not is_guarded)


def open_everywhere() -> frozenset[str]:
    """Columns that some model describes and none guards."""
    described = [column for columns in _guarded_by_model().values() for column in columns.items()]
    return frozenset(name for name, _ in described) - frozenset(name for name, is_guarded in described if is_guarded)


def _columns(table: str) -> Mapping[str, bool]:
    return _guarded_by_model().get(table.rpartition(".")[2], {})


@cache
def _guarded_by_model() -> Mapping[str, Mapping[str, bool]]:
    """Whether a column is guarded, by model and column."""
    return {
        model["name"]: {column["name"]: bool(GUARDING_TAGS & (_tags(model) | _tags(column))) for column in model.get("columns", ())}
        for path in sorted((DBT_DIR / "models").rglob("*.yml"))
        for model in _models(path)
    }


def _tags(node: Mapping[str, Any]) -> frozenset[str]:
    tags = node.get("config", {}).get("tags", ())
    return frozenset([tags] if isinstance(tags, str) else tags)


def _models(path: Path) -> Iterable[Mapping[str, Any]]:
    parsed = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return (parsed or {}).get("models") or ()
