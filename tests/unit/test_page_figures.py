"""The figures that the page and the command line print say what the published tables say."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from published_example import EMPTY, Example, write_published

from orchestration.book import wording
from orchestration.book.figures import Published, five_figures, judged, read_company, read_goals, read_tie_outs
from orchestration.book.publication_facts import PublicationFacts


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("figures") / "repledger.duckdb"
    write_published(path, Example())
    return path


def _altered(published: Path, folder: Path, *statements: str) -> Path:
    path = folder / "altered.duckdb"
    path.write_bytes(published.read_bytes())
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def _company(path: Path, facts: PublicationFacts):
    with Published(path, facts) as opened:
        return read_company(opened)


def test_five_figures_are_of_the_last_full_year(published):
    revenue, cost, ratio, rep, goals = five_figures(published, Example().facts)
    with duckdb.connect(str(published), read_only=True) as connection:
        sold = connection.execute("select sum(revenue_amount) from company_revenue where fiscal_year = 2025").fetchone()[0]
        paid = connection.execute("select sum(cost_amount) from fct_rep_cost where year(month_on) = 2025").fetchone()[0]
        middle = connection.execute(
            "select median(value_ratio::double) from rep_value where reading = 'year' and fiscal_year = 2025 and crm_user_id <> 'unknown'"
        ).fetchone()[0]
        attained = connection.execute(
            "select 100.0 * count(*) filter (attainment_pct >= 100) / count(*) from goal_attainment where year(period_start_on) = 2025 and owner_type = 'rep'"
        ).fetchone()[0]
    assert [revenue.value, cost.value] == [wording.money(sold, "EUR"), wording.money(paid, "EUR")]
    assert [ratio.value, rep.value, goals.value] == [wording.ratio(sold / paid), wording.ratio(middle), wording.percent(attained)]
    assert all("2025" in figure.label for figure in (revenue, cost, ratio, rep, goals))


def test_five_figures_of_an_empty_company_are_dashes(tmp_path):
    facts = write_published(tmp_path / "empty.duckdb", EMPTY)
    assert [figure.value for figure in five_figures(tmp_path / "empty.duckdb", facts)] == ["–"] * 5


def test_a_year_that_goes_on_or_began_before_the_first_sale_is_a_part(published, tmp_path):
    assert [year.label for year in _company(published, Example().facts).years] == ["2021", "2022", "2023", "2024", "2025", "2026 to date"]
    late = Example(reps=2, first_on=dt.date(2023, 9, 1), fiscal_year_start_month=7)
    facts = write_published(tmp_path / "late.duckdb", late)
    company = _company(tmp_path / "late.duckdb", facts)
    assert [year.label for year in company.years] == ["2024 from September", "2025", "2026 to date"]
    assert company.focus.year == 2025


def test_without_a_full_year_the_figures_say_to_date(tmp_path):
    facts = write_published(tmp_path / "young.duckdb", Example(reps=1, first_on=dt.date(2026, 1, 1), as_of=dt.date(2026, 4, 1), accounts_a_year=30))
    assert all(figure.label.endswith("2026 to date") for figure in five_figures(tmp_path / "young.duckdb", facts))


def test_months_begun_of_a_fiscal_year():
    facts = PublicationFacts("x", dt.date(2026, 1, 1), "EUR", "p", 7)
    assert [facts.months_until_as_of(year) for year in (2025, 2026, 2027)] == [12, 6, 0]


def test_managers_and_reps_with_few_customers_or_part_of_a_year_of_cost_are_not_ranked(published, tmp_path):
    path = _altered(
        published,
        tmp_path,
        "update rep_value set customers_acquired = 4 where reading = 'career' and crm_user_id = 'u001'",
        "delete from fct_rep_cost where crm_user_id = 'u002' and month_on = date '2025-03-01'",
        "update dim_rep set rep_role = 'manager' where crm_user_id = 'u003'",
    )
    company = _company(path, Example().facts)
    apart = {rep.crm_user_id: rep.apart(2025, 12) for rep in company.reps}
    assert {key: why for key, why in apart.items() if why} == {"u001": "4 customers acquired", "u002": "11 months of cost", "u003": "manager"}
    assert {rep.crm_user_id for rep in company.ranked(2025)} == {"u000", "u004", "u005"}


def test_reps_who_share_a_name_are_told_apart(published, tmp_path):
    path = _altered(published, tmp_path, "update rep_value set rep_name = 'Sam' where crm_user_id in ('u001', 'u002')")
    assert {"Sam (u001)", "Sam (u002)"} <= {rep.name for rep in _company(path, Example().facts).reps}


def test_the_latest_version_of_a_goal_counts_and_open_ones_do_not(published, tmp_path):
    path = _altered(
        published,
        tmp_path,
        "insert into goal_attainment by name select * replace (2 as goal_version, 500 as attainment_pct) from goal_attainment where goal_id = 'u001-202501'",
    )
    with Published(path, Example().facts) as opened:
        goals = read_goals(opened)
    assert [row["attainment_pct"] for row in goals if row["goal_id"] == "u001-202501"] == [500]
    assert any(row["is_open"] for row in goals)
    assert all(row["period_end_on"] <= dt.date(2026, 1, 8) and row["owner_type"] == "rep" for row in judged(goals))


def test_sums_that_differ_stand_before_those_that_tie_out(published, tmp_path):
    path = _altered(published, tmp_path, "update tie_out set right_amount = 0, difference_amount = left_amount, is_tied = false where unit = 'amount'")
    with Published(path, Example().facts) as opened:
        assert [(row["unit"], row["is_tied"]) for row in read_tie_outs(opened)] == [("amount", False), ("lines", True)]
