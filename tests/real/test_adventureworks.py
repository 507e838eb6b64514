"""AdventureWorks through the real command: every published figure against the oracle, to the cent.

Belongs here: tests of what `repledger nightly` published from the public files. Doesn't: tests of the oracle, tests on made-up data.
"""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from adventureworks_oracle import ANSWERS, DEFAULTS, Answer, differences, report, rows
from real_company import RealCompany

from orchestration.errors import DONE

TOTAL = Decimal("109846381.4039")


def folder_content(folder: Path) -> dict[str, str]:
    """Every file below folder with its hash, every link with its target."""
    content = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content[str(path.relative_to(folder))] = f"-> {path.readlink()}"
        elif path.is_file():
            content[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return content


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.table)
def test_every_published_figure_equals_the_oracle(answer: Answer, oracle: duckdb.DuckDBPyConnection, published: duckdb.DuckDBPyConnection) -> None:
    lines = differences(answer, oracle, published)
    assert not lines, report(answer, lines)


@pytest.mark.parametrize(
    ("table", "total"),
    [
        ("fct_order_line", "select sum(revenue_amount) as total from fct_order_line"),
        ("fct_credit", "select sum(credited_amount) as total from fct_credit"),
        ("company_revenue", "select sum(revenue_amount) as total from company_revenue where basis = 'nominal'"),
        ("rep_value", f"select sum(revenue_amount) as total from rep_value where reading = 'year' and {DEFAULTS} and cost_basis = 'actual'"),
        ("customer_lifetime_value", "select sum(realised_ltv_amount) as total from customer_lifetime_value where basis = 'nominal'"),
    ],
)
def test_the_subtotal_arrives_exactly(table: str, total: str, published: duckdb.DuckDBPyConnection) -> None:
    assert rows(published, total) == [{"total": TOTAL}], table


def test_the_rep_orders_are_all_there(published: duckdb.DuckDBPyConnection) -> None:
    assert rows(published, "select sum(order_count) as orders from company_revenue where channel = 'rep' and basis = 'nominal'") == [{"orders": 3806}]


def test_every_quota_period_is_a_goal_of_its_own(published: duckdb.DuckDBPyConnection) -> None:
    [goals] = rows(
        published,
        "select count(*) as goals, count(distinct goal_id) as ids, min(goal_version) as first, max(goal_version) as last"
        " from goal_attainment where lens = 'as_sold' and basis = 'nominal'",
    )
    assert goals == {"goals": 163, "ids": 163, "first": 1, "last": 1}


def test_no_ratio_is_called_fully_loaded(published: duckdb.DuckDBPyConnection) -> None:
    """Bonus has no date, and taxes, benefits, expenses and shared cost were never delivered: each figure has to say so."""
    for table in ("rep_value", "group_value"):
        found = rows(published, f"select distinct cost_components_missing as missing from {table}")
        assert found == [{"missing": "bonus, taxes, benefits, expenses, tools, overhead, management"}], table


def test_there_is_no_margin_without_a_unit_cost(published: duckdb.DuckDBPyConnection) -> None:
    for table in ("rep_value", "group_value", "segment_value"):
        assert rows(published, f"select distinct value_measure from {table}") == [{"value_measure": "revenue"}], table


def test_a_usd_company_is_told_in_what_was_booked(published: duckdb.DuckDBPyConnection) -> None:
    """SubTotal is USD already: the rate that an order names is not applied to it, and there is no basis but the nominal one."""
    converted = "fx_rate_id <> 'own' or currency <> 'USD' or revenue_amount is distinct from booked_amount"
    (lines,) = rows(published, f"select count(*) as lines, count(*) filter (where {converted}) as converted from fct_order_line")
    assert lines["lines"] > 0
    assert lines["converted"] == 0
    assert rows(published, "select distinct basis from company_revenue") == [{"basis": "nominal"}]


def test_groups_of_every_kind_sum_to_the_company(published: duckdb.DuckDBPyConnection) -> None:
    """Also teams and managers, for whom the files have no rule that an oracle could follow."""
    broken = rows(
        published,
        f"""
        with total as (
            select group_type, reading, fiscal_year, age_months, sum(value_amount) as value, sum(cost_amount) as cost
            from group_value
            where {DEFAULTS} and cost_basis = 'actual'
            group by all
        )
        select kinds.group_type, company.reading, company.fiscal_year, company.age_months, company.value, total.value, company.cost, total.cost
        from total as company
        cross join (values ('team'), ('manager'), ('territory')) as kinds(group_type)
        left join total
            on total.group_type = kinds.group_type
            and total.reading = company.reading
            and total.fiscal_year is not distinct from company.fiscal_year
            and total.age_months is not distinct from company.age_months
        where
            company.group_type = 'company'
            and (abs(company.value - total.value) < .005 and abs(company.cost - total.cost) < .005) is not true
        """,
    )
    assert broken == []


def test_every_delivered_line_is_loaded_or_rejected(adventureworks: RealCompany) -> None:
    status = adventureworks.repledger("status", "--json")
    assert status.returncode == DONE, status.stderr
    told = json.loads(status.stdout)
    assert told["publication"]["as_of"] == "2014-07-01"
    assert len(told["deliveries"]) == 17
    assert [delivery for delivery in told["deliveries"] if delivery["lines"] != delivery["loaded"] + delivery["rejected"] or delivery["rejected"]] == []


def test_a_second_night_changes_no_published_byte_and_says_so(adventureworks: RealCompany) -> None:
    before = folder_content(adventureworks.home / "published")
    night = adventureworks.repledger("nightly")
    assert night.returncode == DONE, night.stderr
    assert "nothing new" in (night.stdout + night.stderr).lower()
    assert folder_content(adventureworks.home / "published") == before
