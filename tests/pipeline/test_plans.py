"""No model compares each row of one side with each of the other where a key would find it: at ten million lines that is the night.

Belongs here: what DuckDB makes of the compiled models. Doesn't: how long they take (`tests/bench`).
"""

import json
import re

import duckdb
import pytest

NESTED_LOOPS = ("BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN")


def nested_loops_by_key(connection, sql):
    """Conditions of nested loops in which an equality stands that is not with a constant: a hash join would find it."""
    [(_, plan)] = connection.execute(f"explain (format json) {sql}").fetchall()
    found, nodes = [], json.loads(plan)
    while nodes:
        node = nodes.pop()
        nodes += node["children"]
        condition = str(node["extra_info"].get("Condition") or node["extra_info"].get("Conditions"))
        if node["name"].strip() in NESTED_LOOPS and re.search(r"[^<>!]= [a-zA-Z_(]", condition):
            found.append(condition)
    return found


def test_a_join_on_a_key_and_a_condition_of_one_side_is_found_out():
    """What the others look for: if DuckDB learns to join such rows by the key, this fails, and `key_where` has had its day."""
    with duckdb.connect() as connection:
        connection.execute("create table sales as select range as deal, range % 2 = 0 as is_refund from range(9)")
        connection.execute("create table deals as select range as deal from range(9)")
        sql = "select * from sales left join deals on sales.deal = deals.deal and not sales.is_refund"
        assert nested_loops_by_key(connection, sql)


@pytest.fixture(scope="module")
def compiled(first_night):
    """Each model's SQL by name, as the first night ran it."""
    folder = first_night.work / "dbt" / "target" / "compiled" / "repledger" / "models"
    return {path.stem: path.read_text() for path in folder.rglob("*.sql") if path.parent.suffix != ".yml"}


def test_no_model_joins_by_a_nested_loop_what_has_a_key(first_night, compiled):
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        found = {name: loops for name, sql in sorted(compiled.items()) if (loops := nested_loops_by_key(connection, sql))}
    assert len(compiled) > 200
    assert found == {}, "say it with key_where (macros/joins.sql)"
