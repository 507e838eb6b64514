"""What dbt's manifest says about the models: their words, columns, keys and what each is made from.

Belongs here: reading the manifest into `Model`. Doesn't: dbt itself, so that reading is fast.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PUBLISHED_SCHEMA = "main"
LEDGER_SOURCE = "repledger"
"""The dbt source of what the landing layer writes beside the delivered rows: it is made from every raw entity."""


@dataclass(frozen=True)
class ModelColumn:
    """A described column of a model. type: as the contract says, empty where there is none."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class ModelTest:
    """A data test of dbt. model: the name of the model that it looks at."""

    unique_id: str
    name: str
    model: str
    description: str


@dataclass(frozen=True)
class MadeAnew:
    """How a night that only adds deliveries makes a table anew: by months of `day`, which the core model `months` lists.

    key: its rows by these columns are made together. A row without a day belongs to the first month of time.
    """

    months: str
    day: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A dbt model or seed, as it stands in the warehouse.

    is_view: of those to be published, a view on published tables alone; `config.meta.published_as: table` makes a table of any other view.
    upstream: names of models and seeds. sources: (dbt source, table) pairs it reads. key: from `config.meta.key`.
    made_anew: from `config.meta.made_anew`; None for a table that each night makes whole, or adds to.
    """

    unique_id: str
    name: str
    layer: str
    schema: str
    is_view: bool
    description: str
    owner: str
    tags: tuple[str, ...]
    columns: tuple[ModelColumn, ...]
    key: tuple[str, ...]
    upstream: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    made_anew: MadeAnew | None = None

    @property
    def is_published(self) -> bool:
        return self.schema == PUBLISHED_SCHEMA


@dataclass(frozen=True)
class Models:
    """Every model that is on and stands in the warehouse, in an order in which each stands after what it is made from, and the tests on them."""

    models: tuple[Model, ...]
    tests: tuple[ModelTest, ...]

    def published(self) -> tuple[Model, ...]:
        """What others will read, tables before the views on them."""
        return tuple(sorted((model for model in self.models if model.is_published), key=lambda model: model.is_view))


def read_models(manifest_file: Path) -> Models:
    """Read a manifest.json that dbt wrote."""
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    wanted = {key: node for key, node in nodes.items() if node["resource_type"] in ("model", "seed") and not _is_ephemeral(node)}
    models = {key: _model(node, nodes, manifest["sources"]) for key, node in wanted.items()}
    tests = (_test(node, nodes) for node in nodes.values() if node["resource_type"] == "test")
    return Models(_in_order(models), tuple(sorted((test for test in tests if test), key=lambda test: test.name)))


def _model(node: Mapping[str, Any], nodes: Mapping[str, Any], sources: Mapping[str, Any]) -> Model:
    upstream = list(_reads(node, nodes))
    meta = node["config"].get("meta", {})
    return Model(
        unique_id=node["unique_id"],
        name=node["name"],
        layer=node["fqn"][1] if node["resource_type"] == "model" else "seeds",
        schema=node["schema"],
        is_view=node["config"]["materialized"] == "view" and meta.get("published_as") != "table",
        description=node["description"].strip(),
        owner=meta.get("owner", ""),
        tags=tuple(sorted(node["config"].get("tags", ()))),
        columns=tuple(ModelColumn(one["name"], one.get("data_type") or "", one["description"].strip()) for one in node["columns"].values()),
        key=tuple(meta.get("key", ())),
        upstream=tuple(sorted(nodes[key]["name"] for key in upstream if key in nodes)),
        made_anew=_made_anew(meta.get("made_anew")),
        sources=tuple(sorted((sources[key]["source_name"], sources[key]["name"]) for key in upstream if key in sources)),
    )


def _is_ephemeral(node: Mapping[str, Any]) -> bool:
    return bool(node["config"]["materialized"] == "ephemeral")


def _reads(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Iterator[str]:
    """What a node is made from. An ephemeral model is a part of the SQL of who reads it, and so is what it is made from."""
    for key in node["depends_on"].get("nodes", []):
        if key in nodes and _is_ephemeral(nodes[key]):
            yield from _reads(nodes[key], nodes)
        else:
            yield key


def _made_anew(meta: Mapping[str, Any] | None) -> MadeAnew | None:
    return MadeAnew(meta["months"], meta["day"], tuple(meta["key"])) if meta else None


def _test(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> ModelTest | None:
    """A test stands by the model it is attached to; one that is written by hand, by the last of the models it reads.

    dbt keeps a test whose model is off, as of a connector that is off; it stands nowhere and does not run.
    """
    read = [key for key in node["depends_on"]["nodes"] if key in nodes]
    place = str(node.get("attached_node") or (read[-1] if read else ""))
    if place not in nodes:
        return None
    return ModelTest(node["unique_id"], node["name"], nodes[place]["name"], node["description"].strip())


def _in_order(models: Mapping[str, Model]) -> tuple[Model, ...]:
    by_name = {model.name: model for model in models.values()}
    ordered: dict[str, Model] = {}

    def visit(model: Model) -> None:
        if model.name not in ordered:
            for name in model.upstream:
                visit(by_name[name])
            ordered[model.name] = model

    for name in sorted(by_name):
        visit(by_name[name])
    return tuple(ordered.values())
