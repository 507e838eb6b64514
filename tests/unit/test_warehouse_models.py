"""What the manifest says is read right: order, layers, keys, and the tests that stand nowhere."""

import json

import pytest

from orchestration.warehouse.models import read_models


def _node(kind, name, folder, upstream=(), **more):
    node = {"resource_type": kind, "unique_id": f"{kind}.repledger.{name}", "name": name, "fqn": ["repledger", folder, name], "schema": folder}
    node |= {"description": f"One row a {name}.\n", "columns": {}, "depends_on": {"nodes": list(upstream)}}
    return node | {"config": {"materialized": "table", "meta": {}, "tags": []}} | more


@pytest.fixture
def models(tmp_path):
    column = {"name": "rep_id", "data_type": "varchar", "description": " The CRM's. "}
    nodes = [
        _node("model", "a_mart", "answers", ["model.repledger.z_core", "seed.repledger.metric"], schema="main", columns={"rep_id": column})
        | {"config": {"materialized": "table", "meta": {"key": ["rep_id"], "owner": "team:finance"}, "tags": ["pay"]}},
        _node("model", "a_view", "answers", ["model.repledger.a_mart"], schema="main") | {"config": {"materialized": "view", "meta": {}, "tags": []}},
        _node("model", "z_core", "core", ["model.repledger.stg_account"]),
        _node("model", "stg_account", "staging", ["source.repledger.standard.account"]) | {"config": {"materialized": "ephemeral", "meta": {}}},
        _node("seed", "metric", "core"),
        _node("test", "unique_a", "answers", ["model.repledger.a_mart"], attached_node="model.repledger.a_mart"),
        _node("test", "tie_out", "tests", ["model.repledger.z_core", "model.repledger.a_mart"]),
        _node("test", "unique_off", "staging", [], attached_node="model.repledger.stg_off"),
        _node("unit_test", "a_rule", "core", ["model.repledger.z_core"]),
    ]
    sources = {"source.repledger.standard.account": {"source_name": "standard", "name": "account"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {node["unique_id"]: node for node in nodes}, "sources": sources}))
    return read_models(tmp_path / "manifest.json")


def test_each_model_stands_after_what_it_is_made_from(models):
    names = [model.name for model in models.models]
    assert sorted(names) == ["a_mart", "a_view", "metric", "z_core"]
    assert all(names.index(upstream) < names.index(model.name) for model in models.models for upstream in model.upstream)


def test_a_model_brings_its_words_key_and_sources(models):
    by_name = {model.name: model for model in models.models}
    mart = by_name["a_mart"]
    assert (mart.layer, mart.key, mart.owner, mart.tags, mart.upstream) == ("answers", ("rep_id",), "team:finance", ("pay",), ("metric", "z_core"))
    assert [(column.name, column.description) for column in mart.columns] == [("rep_id", "The CRM's.")]
    assert by_name["z_core"].sources == (("standard", "account"),), "through a model that is no step of its own"
    assert by_name["metric"].layer == "seeds"


def test_published_are_those_of_the_main_schema_views_after_tables(models):
    assert [(model.name, model.is_view) for model in models.published()] == [("a_mart", False), ("a_view", True)]


def test_a_test_stands_by_its_model_and_one_of_a_connector_that_is_off_nowhere(models):
    assert [(test.name, test.model) for test in models.tests] == [("tie_out", "a_mart"), ("unique_a", "a_mart")]
