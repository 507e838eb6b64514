"""The AdventureWorks answers that Repledger must publish, and how a published table is held against them.

Belongs here: running `adventureworks_answers.sql` over the files, what of each answer is compared, the comparison. Doesn't: any rule (they are in
the SQL), anything that knows how Repledger is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data" / "adventureworks"
MISSING = "the public AdventureWorks files are not there (../shared/data/adventureworks, beside the repo)"

TO_THE_CENT = 0.005
RATIO_TOLERANCE = 1e-6
SHOWN = 10

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One published table and the part of it that the rules define.

    strict: columns whose null is itself an answer; any other null of the oracle means "not defined in this row" and is not compared.
    where: rows of the published table that the oracle speaks of.
    """

    table: str
    expected: str
    key: tuple[str, ...]
    amounts: tuple[str, ...]
    others: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()
    strict: tuple[str, ...] = ()
    where: str = "true"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.key + self.amounts + self.others + self.ratios


DEFAULTS = "lens = 'as_sold' and basis = 'nominal' and value_measure = 'revenue'"
_VALUE: Mapping[str, tuple[str, ...]] = {
    "amounts": ("revenue_amount", "realised_ltv_amount", "value_amount", "cost_amount", "net_value_amount"),
    "ratios": ("value_ratio",),
    "strict": ("value_ratio", "is_mature"),
}
_VALUE_OTHERS = ("customers_acquired", "left_censored_customers", "is_mature", "cost_components_missing")

ANSWERS = (
    Answer(
        "rep_value",
        "expected_rep_value",
        ("crm_user_id", "reading", "fiscal_year", "age_months"),
        others=("employee_number", "rep_name", *_VALUE_OTHERS),
        where=f"{DEFAULTS} and cost_basis = 'actual'",
        **_VALUE,
    ),
    # Nothing in the files says what a team is or who manages whom: their rows are only held to the company's totals, by a test of their own.
    Answer(
        "group_value",
        "expected_group_value",
        ("group_type", "group_id", "reading", "fiscal_year", "age_months"),
        others=("group_name", *_VALUE_OTHERS),
        where=f"{DEFAULTS} and cost_basis = 'actual' and group_type in ('company', 'territory')",
        **_VALUE,
    ),
    Answer(
        "segment_value",
        "expected_segment_value",
        ("segment_type", "segment", "reading", "fiscal_year", "age_months"),
        ("revenue_amount", "realised_ltv_amount", "cost_amount"),
        ("customers_acquired", "is_mature"),
        ("value_ratio",),
        ("value_ratio", "is_mature"),
        f"{DEFAULTS} and segment_type in ('region', 'industry', 'acquisition_method')",
    ),
    Answer(
        "goal_attainment",
        "expected_goal_attainment",
        ("crm_user_id", "period_start_on"),
        ("target_amount", "actual_amount"),
        ("period_end_on", "owner_type", "metric"),
        ("attainment_pct",),
        ("attainment_pct",),
        "lens = 'as_sold' and basis = 'nominal'",
    ),
    Answer(
        "customer_lifetime_value",
        "expected_customer_lifetime_value",
        ("account_id",),
        ("realised_ltv_amount",),
        ("account_name", "acquired_on", "acquisition_basis", "acquiring_crm_user_id", "industry", "region", "acquisition_method"),
        strict=("acquiring_crm_user_id",),
        where="basis = 'nominal'",
    ),
    Answer(
        "company_revenue",
        "expected_company_revenue",
        ("fiscal_year", "channel", "basis"),
        ("revenue_amount",),
        ("order_count",),
        where="basis = 'nominal'",
    ),
    # A month without a sale has no commission: whether that is a row of 0 or no row is nobody's figure.
    Answer(
        "fct_rep_cost",
        "expected_rep_cost",
        ("crm_user_id", "employee_number", "month_on", "component", "currency"),
        ("cost_amount", "cost_local_amount"),
        where="cost_amount <> 0",
    ),
    Answer(
        "fct_credit",
        "expected_credit",
        ("order_line_id", "crm_user_id", "credited_on", "reason"),
        ("credited_amount",),
    ),
)


def answers_from_files(data: Path = DATA) -> duckdb.DuckDBPyConnection:
    """A connection that holds every table of `adventureworks_answers.sql`, computed from the files in data."""
    connection = duckdb.connect()
    connection.execute("set variable data = ?", [str(data)])
    connection.execute((HERE / "adventureworks_answers.sql").read_text(encoding="utf-8"))
    return connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query, each by column name."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def differences(answer: Answer, oracle: duckdb.DuckDBPyConnection, published: duckdb.DuckDBPyConnection) -> list[str]:
    """What differs, one line a row, in the order of the key: rows on one side only, keys that occur twice, cells that disagree."""
    selected = ", ".join(answer.columns)
    expected, found = [], []
    expected_rows = _by_key(answer, rows(oracle, f"select {selected} from {answer.expected}"), "the oracle", expected)
    found_rows = _by_key(answer, rows(published, f"select {selected} from {answer.table} where {answer.where}"), answer.table, found)
    lines = expected + found
    for key in sorted(expected_rows.keys() | found_rows.keys(), key=str):
        if key not in found_rows:
            lines.append(f"{_named(answer, key)}: not published, expected {_measures(answer, expected_rows[key])}")
        elif key not in expected_rows:
            lines.append(f"{_named(answer, key)}: published but not expected, got {_measures(answer, found_rows[key])}")
        else:
            lines += _cells(answer, key, expected_rows[key], found_rows[key])
    return lines


def report(answer: Answer, lines: list[str]) -> str:
    """The message of a failed comparison: how many rows differ, and the first of them."""
    return "\n  ".join([f"{answer.table}: {len(lines)} differences, the first {min(len(lines), SHOWN)}:", *lines[:SHOWN]])


def _by_key(answer: Answer, found: list[Row], side: str, lines: list[str]) -> dict[tuple[Any, ...], Row]:
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in found:
        key = tuple(row[column] for column in answer.key)
        if key in by_key:
            lines.append(f"{_named(answer, key)}: twice in {side}")
        by_key[key] = row
    return by_key


def _cells(answer: Answer, key: tuple[Any, ...], expected: Row, found: Row) -> list[str]:
    wrong = [column for column in answer.columns if _differs(answer, column, expected[column], found[column])]
    if not wrong:
        return []
    return [f"{_named(answer, key)}: " + "; ".join(f"{column} expected {_shown(expected[column])}, got {_shown(found[column])}" for column in wrong)]


def _differs(answer: Answer, column: str, expected: Any, found: Any) -> bool:
    if expected is None:
        return column in answer.strict and found is not None
    if found is None:
        return True
    if column in answer.amounts:
        return abs(float(expected) - float(found)) >= TO_THE_CENT
    if column in answer.ratios:
        return abs(float(expected) - float(found)) > RATIO_TOLERANCE * max(1.0, abs(float(expected)))
    return bool(expected != found)


def _named(answer: Answer, key: tuple[Any, ...]) -> str:
    return ", ".join(f"{column} {_shown(value)}" for column, value in zip(answer.key, key, strict=True))


def _measures(answer: Answer, row: Row) -> str:
    return ", ".join(f"{column} {_shown(row[column])}" for column in answer.amounts + answer.ratios)


def _shown(value: Any) -> str:
    if isinstance(value, float | Decimal):
        return f"{value:.6f}"
    return "null" if value is None else str(value)
