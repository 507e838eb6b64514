"""The way back: what `explain` prints of a published cell adds up to it, and the delivered files say the same."""

import json
import random
import re
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from orchestration.errors import ConfigurationError, RepledgerError
from orchestration.explain.cell import Cell
from orchestration.explain.explanation import explain
from orchestration.explain.told import as_json, as_text
from orchestration.explain.ways import EXPLAINED
from orchestration.publication import manifest
from orchestration.settings import Home, read_company
from tests.pipeline.conftest import repledger

# Cells whose value is no sum: the lines say what it was made of.
NO_SUM = {
    "value_ratio",
    "attainment_pct",
    "is_mature",
    "acquired_on",
    "acquisition_basis",
    "acquiring_crm_user_id",
    "cost_components_missing",
    "cost_estimated_pct",
}
NO_SUM |= {"win_rate_pct", "win_rate_amount_pct", "mean_deal_amount", "mean_cycle_days", "discount_pct", "pipeline_coverage_pct"}
NO_SUM |= {"next_key_value_ratio", "standard_value_ratio", "allocation_key_version", "payback_months", "gross_retention_pct", "net_retention_pct"}
NO_SUM |= {"from_ratio", "change_ratio", "to_ratio"}
NO_SUM |= {"rep_count", "revenue_change_pct", "before_value_ratio"}
NO_SUM |= {"step_number", "standard_cost_people", "split_pct", "fiscal_year", "fiscal_period"}


def told(home: Home, table: str, column: str, key: dict[str, Any]) -> dict[str, Any]:
    """What `explain --json` prints."""
    given = {name: "" if value is None else str(value) for name, value in key.items()}
    return json.loads(as_json(explain(home, read_company(home), table, column, given)), parse_float=Decimal, parse_int=Decimal)


def cells(home: Home, table: str, number: int, seed: int) -> list[Cell]:
    """Random rows of a published table, each as the cell of its first column."""
    key = next(one.key for one in manifest.current(home)[0].tables if one.name == table)
    with duckdb.connect(str(home.published / "repledger.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"from {table} order by all")
        names = [name for name, *_ in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return [Cell(table, names[0], {name: row[name] for name in key}, row) for row in random.Random(seed).sample(found, min(number, len(found)))]


def one_of_each_basis(home: Home, table: str, seed: int) -> list[Cell]:
    """Two random rows where an answer has no bases."""
    found = cells(home, table, 100_000, seed)
    of_bases = {one.row["basis"]: one for one in found if "basis" in one.row}
    return list(of_bases.values()) or found[:2]


@pytest.mark.usefixtures("warehouse_kept_open")
@pytest.mark.parametrize("table", EXPLAINED)
def test_the_lines_of_every_additive_column_add_up_to_the_cell(first_night: Home, table: str) -> None:
    """Every column has a way back, told in words and as JSON."""
    for cell in one_of_each_basis(first_night, table, seed=1):
        for column in (name for name in cell.row if name not in cell.key):
            found = told(first_night, table, column, dict(cell.key))
            value = cell.row[column]
            if isinstance(value, Decimal | int) and not isinstance(value, bool) and column not in NO_SUM:
                assert sum(line.get("amount", 0) for line in found["lines"]) == value, (column, cell.key)
            if column.endswith("_amount") and any(line.get("delivered_amount") for line in found["lines"]) and cell.row.get("metric") != "new_customers":
                assert ("index" in {step["step"] for step in found["steps"]}) == (cell.row.get("basis") == "real" or column.startswith("real_")), (
                    column,
                    cell.key,
                )
            assert {"value", "steps", "lines"} <= set(found)


@pytest.mark.parametrize("part", ["not_in_books_amount", "not_in_files_amount", "other_cost_centre_amount"])
def test_the_lines_of_each_named_part_of_a_difference_add_up_to_it(first_night: Home, part: str) -> None:
    """Most rows of ledger_tie have no difference."""
    named = [one for one in cells(first_night, "ledger_tie", 100_000, seed=5) if one.row["files_less_books_amount"]]
    assert {bool(one.row[part]) for one in named} == {True, False}
    for cell in (next(one for one in named if one.row[part]), next(one for one in named if not one.row[part])):
        found = told(first_night, "ledger_tie", part, dict(cell.key))
        assert sum(line.get("amount", 0) for line in found["lines"]) == cell.row[part], cell.key


def test_each_step_of_the_companys_bridge_is_made_of_the_lines_of_both_years(first_night: Home) -> None:
    """Cost, too, whose two years the answer does not show: shares of pools are rounded in each, and add up to it all the same."""
    bridges = [one for one in cells(first_night, "ratio_bridge", 10_000, seed=1) if one.row["holder_type"] == "company"]
    assert {one.row["step"] for one in bridges} == {"exchange", "price", "mix", "retention", "volume", "cost"}
    for one in bridges:
        for column in ("value_change_amount", "unsplit_amount", "cost_change_amount"):
            found = told(first_night, "ratio_bridge", column, dict(one.key))
            assert sum(line.get("amount", 0) for line in found["lines"]) == one.row[column], (column, one.key)


def test_the_views_of_lines_hold_what_the_answers_add_up(first_night: Home) -> None:
    """Every cell, not a sample: line by line and summed they are the same."""
    with duckdb.connect(str(first_night.warehouse), read_only=True) as connection:
        for holder, column in {"rep": "crm_user_id", "team": "team_id", "manager": "manager_crm_user_id", "territory": "territory_id"}.items():
            wrong = connection.execute(f"""
                with lines as (
                    select {column} as holder_id, lens, reading, fiscal_year, age_months, sum(revenue_amount) as amount
                    from trail.trail_value group by all
                )
                select readings.* from core.core_value_reading as readings
                left join lines on lines.holder_id = readings.holder_id and lines.lens = readings.lens and lines.reading = readings.reading
                    and lines.fiscal_year = readings.fiscal_year and lines.age_months is not distinct from readings.age_months
                where readings.holder_type = '{holder}' and readings.value_measure = 'revenue' and readings.basis = 'nominal'
                    and readings.reading <> 'career'
                    and abs(coalesce(amount, 0) / case when readings.reading = 'book' then 12 else 1 end - readings.value_amount) > 0.00005001
            """).fetchall()
            assert wrong == []


@pytest.mark.parametrize(("basis", "said"), [("constant", "rate of value: EUR × "), ("real", "index of value: 2024-10 × ")])
def test_a_basis_names_its_rate_or_its_index(first_night: Home, basis: str, said: str) -> None:
    """October 2024 was never published, and is told in the prices of September."""
    key = {"group_type": "company", "reading": "year", "fiscal_year": "2024", "basis": basis}
    text = as_text(explain(first_night, read_company(first_night), "group_value", "value_amount", key))
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith(said)]
    assert len(lines) == 1, "one rate for all of the year, or one index a month"
    assert ("reference/fx_rate/" in lines[0]) == (basis == "constant")
    assert (", that of 2024-09) on " in lines[0]) == (basis == "real")


def test_a_person_reads_value_steps_and_places(first_night: Home) -> None:
    row = next(one for one in cells(first_night, "rep_value", 100, seed=3) if one.row["reading"] == "year" and one.row["value_amount"])
    key = [f"{name}={'' if value is None else value}" for name, value in row.key.items()]
    done = repledger("explain", "rep_value", "value_amount", *key, home=first_night)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"rep_value.value_amount = {row.row['value_amount']:,} ")
    assert "core.core_value_piece" in done.stdout
    assert "crm/order_line/" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing", "x"), "`nothing` is not published → choose from"),
        (("rep_value", "x"), "`rep_value` has no column `x` → choose from crm_user_id"),
        (("rep_value", "lens"), "rows are left → say also crm_user_id= ("),
        (("rep_value", "value_amount", "name=x"), "`name` is no key of `rep_value` → choose from crm_user_id, reading"),
        (
            ("rep_value", "value_amount", "crm_user_id=nobody"),
            "no row has crm_user_id=nobody → look it up in the published table `rep_value`, whose key is crm_user_id, ",
        ),
        (("company_revenue", "revenue_amount", "channel=rep", "fiscal_year=1800"), "no row has fiscal_year=1800 with channel=rep → choose from 20"),
        (("rep_value", "value_amount", "crm_user_id=u0001"), "no row has crm_user_id=u0001 → ask for crm_user_id=U0001, under which figures show it"),
        (("restatement", "change_amount"), "there is no way back from `restatement` → each of its rows is an explanation"),
        (("tie_out", "left_amount"), "there is no way back from `tie_out` → ask for a cell of rep_value"),
        (("rep_value", "value_amount", "crm_user_id"), "is no KEY=VALUE like fiscal_year=2024"),
    ],
)
def test_wrong_use_says_what_to_choose_from(first_night: Home, arguments: tuple[str, ...], says: str) -> None:
    if arguments == ("tie_out", "left_amount"):
        key = cells(first_night, "tie_out", 1, seed=1)[0].key
        arguments += tuple(f"{name}={value}" for name, value in key.items())
    done = repledger("explain", *arguments, home=first_night)
    assert done.returncode == 2
    assert says in done.stderr


def test_an_id_that_is_shown_under_another_one_names_that(first_night: Home) -> None:
    """A user of the new CRM whom figures show under the id of the old one; in other letters, too."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        alias, shown = connection.execute("""
            select alias_id, shown_id from id_alias where id_kind = 'crm_user' and shown_id in (select crm_user_id from rep_value) order by all
        """).fetchall()[0]
    for given in (alias, alias.lower()):
        with pytest.raises(ConfigurationError, match=f"no row has crm_user_id={given} → ask for crm_user_id={shown}, under which"):
            told(first_night, "rep_value", "value_amount", {"crm_user_id": given})


def test_a_person_reads_what_made_each_share(first_night: Home) -> None:
    """Hours before days, days of leave, own days and those of all at standard cost; each line names its component, whose it is and for whom."""
    rows = [one for one in cells(first_night, "rep_value", 100_000, seed=4) if one.row["reading"] == "year" and one.row["fiscal_year"] == 2025]
    rows = [one for one in rows if one.row["cost_amount"] and one.row["cost_basis"] == "standard" and one.row["standard_cost_people"] > 4]
    text = as_text(explain(first_night, read_company(first_night), "rep_value", "cost_amount", {name: str(v or "") for name, v in rows[0].key.items()}))
    said = [
        r"coaching before any share of a manager: [\d.]+ of [\d.]+ hours of \w+ in 2025-\d\d went",
        r"paid leave of E\d+ in 2025-\d\d: [\d.]+ of [\d.]+ paid full-time days",
        r"standard of 2025: [\d.,]+ of [\d.,]+ full-time days in the cell .+ of \d+ people\n    \w+ [\d.,]+",
        r"days of \w+ \(E\d+\) from 2025-\d\d-\d\d until [\d-]+: \d+ employed",
        r"\w+ \(E\d+\) reported to \w+ from 2025",
        r"employee E\d+, employed from .*, payroll/employee/.*csv:\d+",
        r"leave of E\d+: [\d.]+ %, (un)?paid, from .*, payroll/absence/.*csv:\d+",
        r"session of 2025-\d\d-\d\d: [\d.]+ hours of \w+ for \w+, plans/coaching/.*csv:\d+",
        r"base of 2025-\d\d of \w+",
    ]
    assert [one for one in said if not re.search(one, text)] == []


def test_a_column_of_the_key_is_not_a_figure(first_night: Home) -> None:
    key = dict(cells(first_night, "company_revenue", 1, seed=1)[0].key)
    with pytest.raises(ConfigurationError, match="`channel` is part of the key"):
        told(first_night, "company_revenue", "channel", key)


def test_a_warehouse_that_is_not_the_published_one_is_made_anew_on_wish(home: Home) -> None:
    """Who deleted it can still ask, after one command; the publication stays the same."""
    key, before = dict(cells(home, "company_revenue", 1, seed=1)[0].key), manifest.current(home)[0].id
    home.warehouse.unlink()
    with pytest.raises(RepledgerError, match="run `repledger nightly --anew`"):
        told(home, "company_revenue", "revenue_amount", key)
    assert "nothing new" in repledger("nightly", home=home).stdout
    assert repledger("nightly", "--anew", home=home).returncode == 0
    assert manifest.current(home)[0].id == before
    assert told(home, "company_revenue", "revenue_amount", key)["lines"]


def test_a_step_that_does_not_tie_is_no_explanation(home: Home) -> None:
    """A figure whose lines say something else is called a defect, without a pay cell in the message."""
    found = [one for one in cells(home, "rep_value", 1000, seed=3) if (one.row["cost_basis"], one.row["basis"]) == ("actual", "nominal")]
    row = next(one for one in found if one.row["direct_cost_amount"])
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update core.core_cost_line set cost_amount = cost_amount + 1")
    with pytest.raises(RepledgerError, match="the total of the delivered lines is not that of the answer's cost") as caught:
        told(home, "rep_value", "cost_amount", dict(row.key))
    assert str(row.row["cost_amount"]) not in caught.value.line


def test_rounding_hides_no_unit_that_the_lines_lack(home: Home) -> None:
    """A book is its lines ÷ 12: what rounding leaves is given out among them, a ten-thousandth that they lack is a defect."""
    books = [
        one
        for one in cells(home, "rep_value", 400, seed=3)
        if (one.row["reading"], one.row["value_measure"], one.row["basis"]) == ("book", "revenue", "nominal")
    ]
    row = max(books, key=lambda one: one.row["value_amount"])
    lines = told(home, "rep_value", "value_amount", dict(row.key))["lines"]
    most = max(lines, key=lambda line: line["times"])
    assert len(lines) > most["times"], "enough lines to hide the change among"
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update core.core_order_line set revenue_amount = revenue_amount - 0.0012 where order_line_id = ?", [most["key"]])
    with pytest.raises(RepledgerError, match="the total of the delivered lines is not that of the answer's value"):
        told(home, "rep_value", "value_amount", dict(row.key))


def test_words_and_json_tell_the_same_lines(first_night: Home) -> None:
    row = cells(first_night, "fct_rep_cost", 1, seed=5)[0]
    given = {name: str(value) for name, value in row.key.items()}
    found = explain(first_night, read_company(first_night), "fct_rep_cost", "cost_amount", given)
    text = as_text(found)
    assert all(f"{line['file']}:{line['line']}" in text for line in json.loads(as_json(found))["lines"])


def test_what_a_partner_keeps_of_a_line_is_told(first_night: Home) -> None:
    """Else a reader finds less than was delivered, and no word why."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        sold = "select account_id, order_line_id, partner_amount from fct_order_line where partner_amount > 0 order by ordered_on limit 1"
        ((account, line, partner),) = connection.execute(sold).fetchall()
    text = as_text(explain(first_night, read_company(first_night), "customer_lifetime_value", "realised_ltv_amount", {"account_id": account}))
    assert [row for row in text.splitlines() if f"order_line {line}  " in row and f"less a partner's {partner:,}" in row]


def test_a_corrected_line_names_the_correction(first_night: Home) -> None:
    """What a person said a source has wrong is part of the way."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        account, correction = connection.execute("""
            select account_id, correction_id from customer_lifetime_value
            inner join correction on entity = 'account' and entity_key = account_id and correction_state = 'applied'
        """).fetchall()[0]
    found = told(first_night, "customer_lifetime_value", "industry", {"account_id": account})
    assert [step["correction_id"] for step in found["steps"] if step["step"] == "correction"] == [correction]
    assert [line["entity"] for line in found["lines"]] == ["account"]
