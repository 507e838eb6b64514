"""Laws of the dbt project, kept by a machine. The reason stands beside each."""

import re
from pathlib import Path

import pytest
import yaml

from expectations.catalogue import suites_for
from expectations.marts.costs import ALLOCATED, COMPONENTS, COMPONENTS_APART
from expectations.night_sql import shown_columns
from expectations.raw.payroll import PAY_COMPONENTS
from expectations.vocabulary import Suite
from orchestration.explain.ways import EXPLAINED
from orchestration.publication.restated_figures import FIGURES, LEFT_OUT
from orchestration.publication.restatement import PAID_APART, PARTS_OF_COST
from tests.unit.gate_example import night

MODELS = Path(__file__).parents[2] / "dbt_project/models"
SQL = sorted(MODELS.rglob("*.sql")) + sorted((MODELS.parent / "macros").rglob("*.sql"))
PUBLISHED = sorted(path for folder in ("marts", "answers") for path in (MODELS / folder).glob("*.yml"))
LAYERS = ("staging", "input", "core", "marts", "answers", "trail")

# The models will run on Spark with Iceberg: these have no twin there, or another meaning.
NOT_PORTABLE = {
    "qualify": r"\bqualify\b",
    "asof join": r"\basof\s+(left\s+)?join\b",
    "percentile_cont": r"\bpercentile_cont\b",
    "avg, which turns a decimal into a double": r"\bavg\s*\(",
    "group by all": r"\bgroup\s+by\s+all\b",
    "distinct on": r"\bdistinct\s+on\b",
    "union by name": r"\bby\s+name\b",
    "a cast by ::": r"::",
    "columns(…) or * replace (…)": r"\bcolumns\s*\(|\*\s*replace\s*\(",
    "lists, which are built otherwise there": r"\b(list_\w+|list|unnest|string_agg|listagg)\s*\(",
    "generate_series or range of the engine's own": r"(?<!dbt\.)\b(generate_series|range)\s*\(",
    "any_value, arg_max, first: which row it is, is chance": r"\b(any_value|arg_max|arg_min|max_by|min_by|first|last)\s*\(",
    # The formatter takes it for a comment, and the division is gone without a word.
    "//, which the formatter takes for a comment": r"//",
    # A model without a clock gives yesterday's bytes tomorrow.
    "a clock": r"\b(now|current_date|current_timestamp|today|getdate)\b\s*(\(|$|,|\s)",
}


def code(path: Path) -> str:
    return code_of(path.read_text())


def code_of(text: str) -> str:
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    return "\n".join(line.split("--")[0] for line in text.splitlines())


# Spark says these otherwise. Each stands in a macro, so that one place changes.
ONLY_IN_MACROS = {
    "* exclude": r"\*\s*exclude\s*\(",
    "hugeint": r"\bhugeint\b",
    "make_date": r"\bmake_date\s*\(",
    "divide": r"(?<!_)\bdivide\s*\(",
    "hash": r"\b(hash|md5)\s*\(",
    "struct_pack": r"\bstruct_pack\s*\(",
    "time zones": r"\btimezone\s*\(",
}


@pytest.mark.parametrize("what", ONLY_IN_MACROS)
def test_only_macros_use(what: str) -> None:
    caught = [path.name for path in MODELS.rglob("*.sql") if re.search(ONLY_IN_MACROS[what], code(path), re.I | re.M)]
    assert caught == []


@pytest.mark.parametrize("what", NOT_PORTABLE)
def test_no_model_uses(what: str) -> None:
    caught = [path.name for path in SQL if re.search(NOT_PORTABLE[what], code(path), re.I | re.M)]
    assert caught == []


def test_no_comment_is_torn() -> None:
    """The formatter cuts a comment that is too long for it, and leaves the words that it cut off on a line of their own: nobody joins them."""
    torn = [
        f"{path.name}: {line.strip()}"
        for path in SQL
        for comment in re.findall(r"(?:^ *--.*\n){2,}", path.read_text(), re.M)
        for line in comment.splitlines()
        if len(line.split()) < 5  # with the dashes: three words or fewer
    ]
    assert torn == []


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


def test_no_model_reads_a_table_around_dbt() -> None:
    """Read by its bare name a table has no place in the order of the build, nor in the lineage. Last night's state stands in macros."""
    caught = [path.name for path in MODELS.rglob("*.sql") if re.search(r"\b(main|core|input|staging|raw)\.\w", code(path))]
    assert caught == []


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
def test_a_published_key_is_unique_and_that_is_asked_once(path: Path, tmp_path: Path) -> None:
    """By the gate, or by dbt of a table that has no suite: on a large fact each look takes as long as making it."""
    text, table = path.read_text(), f"main.{path.stem}"
    asked = [tuple(yaml.safe_load(text)["models"][0]["config"]["meta"]["key"])] * text.count("- unique_key:")
    asked += [check.keys for suite in suites_for(night(tmp_path)) if suite.table == table for check in suite.checks if check.name == "key_unique"]
    is_view = 'materialized="view"' in path.with_suffix(".sql").read_text() and "published_as: table" not in text
    key = () if is_view else (set(yaml.safe_load(text)["models"][0]["config"]["meta"]["key"]),)
    assert tuple(set(columns) for columns in asked) == key


def test_no_model_reads_how_deals_went() -> None:
    """A win rate is context: a ratio that depended on it would reward what looks busy."""
    assert [
        path.stem
        for path in MODELS.rglob("*.sql")
        if re.search(r'ref\("(deal_funnel|core_list_sale)"\)', path.read_text()) and path.stem not in ("deal_funnel", "tie_out")
    ] == []


def test_activity_is_never_a_key() -> None:
    """A cost split by how much was done would make a segment that is worked hard look dear, and one that is left alone cheap."""
    texts = {path.stem: path.read_text() for path in MODELS.rglob("*.sql")}
    to_follow, found = ["core_rep_cost", "core_segment_cost"], set()
    while to_follow:
        name = to_follow.pop()
        found.add(name)
        to_follow += [one for one in re.findall(r'ref\("(\w+)"\)', texts.get(name, "")) if one not in found]
    assert {"core_pool_share", "core_segment_sale"} <= found
    assert [name for name in found if re.search("activity", name + code_of(texts.get(name, "")))] == []
    keys = re.search(r"segment_allocation_keys\(\).*?return\((.*?)\)", (MODELS.parent / "macros/answers.sql").read_text(), re.S)
    assert keys and set(re.findall(r'"(\w+)"', keys[1])) == {"revenue", "customers"}


def test_each_component_is_on_one_side_of_the_ratio() -> None:
    """A cost that value takes off as well would count twice, and one that no list knows would count nowhere."""
    macro = (MODELS.parent / "macros/cost.sql").read_text()
    apart = re.search(r"components_apart\(\).*?return\(\[(.*?)\]\)", macro, re.S)
    in_costs = {*PAY_COMPONENTS, "expenses", *ALLOCATED}
    assert apart and set(re.findall(r'"(\w+)"', apart[1])) == set(COMPONENTS_APART) == set(PAID_APART) < set(PAY_COMPONENTS)
    assert (set(COMPONENTS), len(COMPONENTS)) == (in_costs, len(in_costs))
    parts = re.search(r"macro cost_part\(component\).*?endmacro", macro, re.S)
    assert parts and {name for names in PARTS_OF_COST.values() for name in names} == set(re.findall(r"'(\w+)'", parts[0])) - {"direct", "shared"}
    texts = {path.stem: path.read_text() for path in MODELS.rglob("*.sql")}
    of_value, found = ["core_holder_value"], set()
    while of_value:
        name = of_value.pop()
        found.add(name)
        # Groups know of a cost only on which days it fell.
        of_value += [one for one in re.findall(r'ref\("(\w+)"\)', texts.get(name, "")) if one not in found and name != "core_rep_group"]
    assert [
        name for name in found if re.search(r"(?<!unit_)cost_(local_)?amount|pay_amount|expense_amount|pool_amount|spend_amount", texts.get(name, ""))
    ] == []
    assert "amount" not in code(MODELS / "core/core_rep_group.sql")


def test_every_answer_has_a_way_back() -> None:
    """A figure that nobody can follow to the delivered lines is nobody's. A tie-out compares sums; its two sides are other tables' cells."""
    assert {path.stem for path in (MODELS / "answers").glob("*.sql")} - {"tie_out"} <= set(EXPLAINED)


def test_each_published_amount_is_restated_or_left_out_for_a_reason() -> None:
    """An amount of a new answer that nobody restates would move after a close without a word."""
    told = {column for table, figures in FIGURES.items() for one in figures for column in (f"{table}.{name}" for name in one.columns)}
    amounts = {
        f"{path.stem}.{column['name']}"
        for path in PUBLISHED
        for column in yaml.safe_load(path.read_text())["models"][0]["columns"]
        if column["name"].endswith("_amount")
    }
    left_out = {column for column in amounts if {column, column.partition(".")[0]} & set(LEFT_OUT)}
    assert amounts - told - left_out == set()
    assert told & left_out == set()
    assert told <= amounts
    assert set(LEFT_OUT) <= left_out | {column.partition(".")[0] for column in left_out}
    assert all(LEFT_OUT.values())


def described_columns() -> dict[str, dict[str, list[str]]]:
    """The tags of each described column, by model."""
    models = [model for path in MODELS.rglob("*.yml") for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])]
    return {model["name"]: {column["name"]: column.get("config", {}).get("tags", []) for column in model.get("columns", [])} for model in models}


# By its name a column shows pay (value over ratio gives the cost to the cent, and so does a tie-out of costs), names a person,
# or holds what people typed about people. A reason that a rule gives is none of these.
GUARDED = {
    "pay": r"_ratio$|(?<!unit_)cost_amount$|(net_value|pay|reward|expense|cost_local|balance)_amount$|^(left|right|difference)_amount$",
    "personal": r"(rep|user|manager|owner|group)_name$|(?<!chosen)_by$|email$|^(reason|topic|decision|outcome)$|(^|_)(from|to)_id$|^entity_key$",
}
BY_RULE = {
    ("fct_credit", "reason"),
    ("trail_nobodys_cost", "reason"),
    ("core_constant_rate", "told_by"),
    ("unattributed_cost", "reason"),
    ("unmatched_identity", "reason"),
}
# What a check that ties out calls the two sides that it compares; those of cost checks it does not show.
OWN_SUMS = {"left_amount", "right_amount"}


@pytest.mark.parametrize("tag", GUARDED)
def test_pay_and_personal_columns_are_tagged(tag: str) -> None:
    """What is tagged stands in no message and no list of failures; what is forgotten does."""
    untagged = [
        (model, column)
        for model, columns in described_columns().items()
        for column, tags in columns.items()
        if re.search(GUARDED[tag], column) and tag not in tags and (model, column) not in BY_RULE
    ]
    assert untagged == []


# Their words speak of e-mails, and they hold none.
NO_EMAIL = {"id_kind", "match_basis", "id", "activity_type"}


def test_a_column_whose_words_speak_of_emails_is_tagged() -> None:
    """The claimant of an expense is named by e-mail, in columns that no name gives away."""
    docs = dict(re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", (MODELS / "columns.md").read_text(), re.S))
    untagged = [
        (model["name"], column["name"])
        for path in MODELS.rglob("*.yml")
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])
        for column in model.get("columns", [])
        if re.search("e-mail", column["description"] + (docs[column["name"]] if "doc(" in column["description"] else ""), re.I)
        and "personal" not in column.get("config", {}).get("tags", [])
        and column["name"] not in NO_EMAIL
    ]
    assert untagged == []


def test_no_check_writes_down_what_is_guarded() -> None:
    """Of a row that breaks a check, the key and the harmless columns are kept, whatever the check's author asked for."""
    models = described_columns()
    written = [
        (suite.name, check.name, column)
        for suite in suites_for(night(Path()))
        for check in suite.checks
        for column in shown_columns(suite, check, tuple(models.get(suite.table.rpartition(".")[2], ())) or columns_of(suite))
        if any(re.search(name, column) for name in GUARDED.values()) and (suite.name, column) not in BY_RULE and column not in OWN_SUMS
    ]
    assert written == []


def columns_of(suite: Suite) -> tuple[str, ...]:
    return tuple(column.name for column in suite.entity.columns) if suite.entity else ()
