"""Laws of the dbt project, kept by a machine. The reason stands beside each."""

import re
from pathlib import Path

import pytest
import yaml

MODELS = Path(__file__).parents[2] / "dbt_project/models"
SQL = sorted(MODELS.rglob("*.sql")) + sorted((MODELS.parent / "macros").rglob("*.sql"))
PUBLISHED = sorted(path for folder in ("marts", "answers") for path in (MODELS / folder).glob("*.yml"))
LAYERS = ("staging", "input", "core", "marts", "answers")

# The models will run on Spark with Iceberg: these have no twin there, or another meaning.
NOT_PORTABLE = {
    "qualify": r"\bqualify\b",
    "asof join": r"\basof\s+(left\s+)?join\b",
    "percentile_cont": r"\bpercentile_cont\b",
    "avg, which turns a decimal into a double": r"\bavg\s*\(",
    "group by all": r"\bgroup\s+by\s+all\b",
    # The formatter takes it for a comment, and the division is gone without a word.
    "//, which the formatter takes for a comment": r"//",
    # A model without a clock gives yesterday's bytes tomorrow.
    "a clock": r"\b(now|current_date|current_timestamp|today|getdate)\b\s*(\(|$|,|\s)",
}


def code(path: Path) -> str:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    return "\n".join(line.split("--")[0] for line in text.splitlines())


@pytest.mark.parametrize("what", NOT_PORTABLE)
def test_no_model_uses(what: str) -> None:
    caught = [path.name for path in SQL if re.search(NOT_PORTABLE[what], code(path), re.I | re.M)]
    assert caught == []


def test_data_flow_one_way() -> None:
    """landing → raw → staging → input → core → marts → answers: whoever reads upwards makes a circle of meanings."""
    home_of = {path.stem: LAYERS.index(path.relative_to(MODELS).parts[0]) for path in MODELS.rglob("*.sql")}
    wrong = [
        (path.stem, name)
        for path in MODELS.rglob("*.sql")
        for name in re.findall(r"ref\(\"(\w+)\"\)", path.read_text())
        if name in home_of and home_of[name] > home_of[path.stem]
    ]
    assert wrong == []


def test_only_staging_reads_what_was_delivered() -> None:
    """A mart that reads raw goes around the contract. The ledger of deliveries is no delivered row."""
    readers = [
        path.stem
        for path in MODELS.rglob("*.sql")
        if "source(" in path.read_text() and 'source("repledger"' not in path.read_text() and path.relative_to(MODELS).parts[0] != "staging"
    ]
    assert readers == []


def test_every_model_says_its_grain() -> None:
    """A table whose grain can't be said in one line isn't designed yet."""
    described = {
        model["name"]: model.get("description", "") for path in MODELS.rglob("*.yml") for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])
    }
    silent = [path.stem for path in MODELS.rglob("*.sql") if not re.match(r"One (row|twin)", described.get(path.stem, ""))]
    assert silent == []


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_every_published_column_has_its_words_from_one_place(path: Path) -> None:
    """One fact, one home: columns.md. A column named twice in other words would mean two things."""
    columns = yaml.safe_load(path.read_text())["models"][0]["columns"]
    words = (MODELS / "columns.md").read_text()
    for column in columns:
        assert column["description"] == f'{{{{ doc("{column["name"]}") }}}}'
        assert f"{{% docs {column['name']} %}}" in words


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_suffixes_are_contracts(path: Path) -> None:
    """What ends in _amount is money or a target, _on a date: BI tools and people rely on it."""
    for column in yaml.safe_load(path.read_text())["models"][0]["columns"]:
        name = column["name"]
        if name.endswith(("value_ratio", "cost_amount", "net_value_amount")) and path.stem != "core":
            assert "pay" in column.get("config", {}).get("tags", []), f"{name} shows pay: value over ratio gives the cost to the cent"
        if name.endswith("_name") and name.split("_")[0] in ("rep", "manager", "owner"):
            assert "personal" in column.get("config", {}).get("tags", [])
