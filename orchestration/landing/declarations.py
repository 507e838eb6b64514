"""What a delivered entity looks like: its columns, key and mode. Read from the dbt project, the one home of these facts.

The standard connector takes the columns of the input contract (`models/input/*.yml`); any other connector declares its
tables as dbt sources beside its staging models (`models/staging/<connector>/_sources.yml`).
Belongs here: turning those files into `Entity`. Doesn't: reading delivered files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from orchestration.errors import ConfigurationError
from orchestration.settings import DBT_DIR, Company, Mode

TECHNICAL_COLUMNS = ("_source", "_extract_date", "_shown_until_on", "_corrections", "_file", "_line")


@dataclass(frozen=True)
class Column:
    """One column of an entity. type: the SQL type that staging casts the delivered text to.

    may_be_missing: deliveries of before the contract had the column need not have it; once one had it, later ones must (`lost_columns`).
    """

    name: str
    type: str
    description: str
    is_required: bool
    tags: frozenset[str]
    may_be_missing: bool = False

    @property
    def is_guarded(self) -> bool:
        """True for pay and personal columns, whose cells never stand in a message, log or list of failures."""
        return bool(self.tags)


@dataclass(frozen=True)
class Entity:
    """One entity that a connector can read.

    is_appended: its contract has no history, rows are only ever added; nothing could say of one that is missing that it has ended.
    """

    connector: str
    name: str
    description: str
    area: str
    mode: Mode
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_appended: bool = False


@dataclass(frozen=True)
class Declared:
    """An entity that a source of this company delivers, with the mode and the columns that company.toml says."""

    source: str
    entity: Entity
    mode: Mode
    columns: tuple[Column, ...]

    @property
    def asset_name(self) -> str:
        return f"raw_{self.source}__{self.entity.name}"


@cache
def standard_entities() -> Mapping[str, Entity]:
    """Every entity of the input layer, in alphabetical order."""
    entities = {}
    for path in sorted((DBT_DIR / "models/input").glob("input_*.yml")):
        model = _load(path)["models"][0]
        columns = [column for column in model["columns"] if column["name"] not in TECHNICAL_COLUMNS]
        entity = _entity("standard", model["name"].removeprefix("input_"), model, columns)
        has_history = any(column["name"] == "_shown_until_on" for column in model["columns"])
        entities[entity.name] = replace(entity, is_appended=not has_history)
    return entities


@cache
def connector_entities(connector: str) -> Mapping[str, Entity]:
    """Every entity that the connector knows, by name."""
    if connector == "standard":
        return standard_entities()
    source = _load(DBT_DIR / f"models/staging/{connector}/_sources.yml")["sources"][0]
    return {table["name"]: _entity(connector, table["name"], table, table["columns"]) for table in source["tables"]}


def declared_entities(company: Company, where: str = "company.toml") -> tuple[Declared, ...]:
    """What this company's sources deliver. Raises ConfigurationError for an entity, column or mode that the connector does not know."""
    return tuple(
        _declared(source.name, source.connector, name, mode, source.columns.get(name), where)
        for source in company.sources.values()
        for name, mode in source.entities.items()
    )


def _declared(source: str, connector: str, name: str, mode: Mode, taken: Iterable[str] | None, where: str) -> Declared:
    known = connector_entities(connector)
    if name not in known:
        raise ConfigurationError(f"`sources.{source}.entities.{name}`: {connector} knows no such entity", where=where, do=f"choose from {', '.join(known)}")
    entity = known[name]
    if mode == "snapshot" and entity.is_appended:
        what = f"`sources.{source}.entities.{name}` is 'snapshot', but {name} is only ever added to: what a later file lacks would not end"
        raise ConfigurationError(what, where=where, do=f'write {name} = "delta"')
    if taken is None:
        return Declared(source, entity, mode, entity.columns)
    taken = set(taken)
    for unknown in sorted(taken - {column.name for column in entity.columns}):
        raise ConfigurationError(f"`sources.{source}.columns.{name}`: no column `{unknown}`", where=where, do="see `repledger template`")
    for column in entity.columns:
        if column.is_required and column.name not in taken:
            raise ConfigurationError(f"`sources.{source}.columns.{name}` leaves out `{column.name}`", where=where, do="a required column must be taken")
    return Declared(source, entity, mode, tuple(column for column in entity.columns if column.name in taken))


def _entity(connector: str, name: str, node: Mapping[str, Any], columns: Iterable[Mapping[str, Any]]) -> Entity:
    meta = node["config"]["meta"]
    return Entity(
        connector=connector,
        name=name,
        description=node["description"].strip(),
        area=meta.get("area", connector),
        mode=meta["mode"],
        key=tuple(meta["key"]),
        columns=tuple(_column(column) for column in columns),
        is_appended=meta.get("is_appended", False),
    )


def _column(node: Mapping[str, Any]) -> Column:
    config = node.get("config", {})
    return Column(
        name=node["name"],
        type=node.get("data_type", "varchar"),
        description=node.get("description", "").strip(),
        is_required=config.get("meta", {}).get("required", False),
        tags=frozenset(config.get("tags", ())),
        may_be_missing=config.get("meta", {}).get("may_be_missing", False),
    )


def _load(path: Any) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
