"""What the simulated company's events truly add up to, against what was published of them: to the cent, row by row.

The truth is computed from the generator's events and never sees a model or a delivered file.
"""

from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.demo import Size, build_world
from orchestration.demo.answers import write_answer
from orchestration.demo.facts import Facts
from orchestration.demo.truth_credit import fct_credit
from orchestration.settings import DBT_DIR, Home
from tests.pipeline.interrupted_night import copy_of
from tests.pipeline.small_company import nightly

ANSWERS = (
    "rep_value",
    "group_value",
    "customer_lifetime_value",
    "goal_attainment",
    "segment_value",
    "company_revenue",
    "deal_funnel",
    "deal_bridge",
    "contract_value",
    "fct_rep_cost",
    "pay_reconciliation",
    "ledger_tie",
    "tenure_value",
    "like_for_like",
    "ratio_bridge",
    "fct_clawback",
    "fct_credit",
    "credit_policy_comparison",
    "fct_seat",
    "fct_seat_quota",
    "correction",
    "period_status",
    "id_alias",
    "unmatched_identity",
    "taken_over",
)


def key_of(table: str) -> list[str]:
    path = next((DBT_DIR / "models").glob(f"*/{table}.yml"))
    return yaml.safe_load(path.read_text())["models"][0]["config"]["meta"]["key"]


def differences(published: Path, truth: Path, table: str) -> list[tuple]:
    """Rows that only one side has, and cells that differ: amounts by half a cent or more, ratios in the sixth digit."""
    key = key_of(table)
    with duckdb.connect(str(published), read_only=True) as connection:
        relation = f"read_parquet('{truth / table}.parquet')"
        columns = {name: kind for name, kind, *_ in connection.sql(f"describe {table}").fetchall()}
        said = [name for name, *_ in connection.sql(f"describe select * from {relation}").fetchall()]
        assert set(said) <= set(columns), f"{table}: the truth knows columns that are not published"
        joined = f"(select *, true as here from {table}) as found full join (select *, true as here from {relation}) as true_row on " + " and ".join(
            f"found.{name} is not distinct from true_row.{name}" for name in key
        )
        shown = ", ".join(f"coalesce(cast(found.{name} as varchar), cast(true_row.{name} as varchar))" for name in key)
        wrong = connection.sql(f"select 'row', found.here, true_row.here, {shown} from {joined} where found.here is null or true_row.here is null").fetchall()
        for name in [name for name in said if name not in key]:
            wrong += connection.sql(
                f"""select '{name}', found.{name}, true_row.{name}, {shown} from {joined}
                where found.here and true_row.here and {unlike(name, columns[name])} limit 5"""
            ).fetchall()
    return wrong


def unlike(name: str, kind: str) -> str:
    found, true = f"found.{name}", f"true_row.{name}"
    if kind.startswith("DECIMAL"):
        return f"(({found} is null) <> ({true} is null) or abs({found} - {true}) >= 0.005)"
    if kind == "DOUBLE":
        return f"(({found} is null) <> ({true} is null) or abs({found} - {true}) > 1.5e-6 * greatest(1, abs({true})))"
    return f"cast({found} as varchar) is distinct from cast({true} as varchar)"


@pytest.mark.parametrize("table", ANSWERS)
def test_published_is_true(first_night: Home, table: str) -> None:
    assert differences(first_night.published / "repledger.duckdb", first_night.truth, table) == []


@pytest.fixture(scope="module")
def otherwise(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same company after a night under two other settings, of which neither moves what the other is asked for: its policy, and what a rep costs."""
    home = Home(copy_of(first_night.root, tmp_path_factory.mktemp("otherwise") / "home"))
    told = home.company_file.read_text(encoding="utf-8").replace('credit_policy = "acquirer"', f'credit_policy = "{POLICY}"')
    home.company_file.write_text(told + "\n[metric_versions]\nrep_cost = 1\n", encoding="utf-8")
    nightly(home.root)
    return home


POLICY = "handover"


def test_the_same_adjustments_are_true_under_another_policy(otherwise: Home, tmp_path: Path) -> None:
    """They were written under the acquirer's. What somebody has less of than they say is noted, and never blocks."""
    facts = Facts(build_world(Size(reps=6, years=2, activities=500)))
    write_answer(tmp_path, "fct_credit", fct_credit(facts, POLICY))
    assert differences(otherwise.published / "repledger.duckdb", tmp_path, "fct_credit") == []
    noted = (otherwise.notes / "core_credit_adjustment/no_more_than_there_is.csv").read_text(encoding="utf-8").splitlines()
    assert noted[0] == "adjustment_id,order_line_id,crm_user_id,lacking_amount" and len(noted) > 1


def test_all_years_are_made_anew_under_an_older_definition(otherwise: Home) -> None:
    """The cost of a rep was pay and expenses alone once; what was added since is nobody's then, and each row says so."""
    with duckdb.connect(str(otherwise.published / "repledger.duckdb"), read_only=True) as connection:
        told = connection.execute("select distinct regexp_extract(metric_versions, 'rep_cost [0-9]+') from rep_value").fetchall()
        loaded = "component in ('tools', 'overhead', 'coaching', 'management')"
        of_reps = connection.execute(f"select count(*) from fct_rep_cost where {loaded}").fetchall()
        of_nobody = connection.execute(f"select distinct reason from unattributed_cost where {loaded}").fetchall()
        paid = connection.execute("select sum(cost_amount) from fct_rep_cost where month_on < date '2026-01-08'").fetchall()
        years = connection.execute("""
            select sum(cost_amount) from rep_value
            where reading = 'year' and lens = 'as_sold' and basis = 'nominal' and value_measure = 'revenue' and cost_basis = 'actual'
        """).fetchall()
    assert (told, of_reps, of_nobody) == ([("rep_cost 1",)], [(0,)], [("not in this version of cost",)])
    assert paid == years, "severance is in the year in which it was paid"


def test_rows_name_definitions_that_are_in_use(first_night: Home) -> None:
    """Each name with its version is a row of dim_metric that is in use; a standard cost, each amount of a contract and each key of a segment's cost has one."""
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        in_use = {name for (name,) in connection.sql("select concat(metric, ' ', version) from dim_metric where is_in_use").fetchall()}
        tables = [name for (name,) in connection.sql("select table_name from duckdb_columns() where column_name = 'metric_versions'").fetchall()]
        assert {"rep_value", "group_value", "segment_value", "contract_value", "fct_credit", "credit_policy_comparison"} <= set(tables)
        for table in tables:
            rows = connection.sql(f"select distinct string_split(metric_versions, ', ') from {table} where metric_versions is not null").fetchall()
            assert rows and all(set(names) <= in_use for (names,) in rows), table
        of_standard_cost = "list_contains(string_split(metric_versions, ', '), 'standard_cost 2')"
        assert connection.sql(f"select distinct cost_basis = 'standard', {of_standard_cost} from rep_value order by all").fetchall() == [
            (False, False),
            (True, True),
        ]
        amounts = [name for name, kind, *_ in connection.sql("describe contract_value").fetchall() if kind.startswith("DECIMAL")]
        (versions,) = connection.sql("select distinct metric_versions from contract_value").fetchall()
        assert len(versions[0].split(", ")) == len(amounts)


def test_a_cent_too_much_is_seen(first_night: Home, tmp_path: Path) -> None:
    """The comparison itself, on planted damage: a cent, a lost row, a stray row."""
    truth, damaged = first_night.truth / "company_revenue.parquet", tmp_path / "company_revenue.parquet"
    with duckdb.connect() as connection:
        cent = "revenue_amount + case when fiscal_year = 2025 and channel = 'rep' and basis = 'nominal' then 0.01 else 0 end as revenue_amount"
        stray = "select 1999 as fiscal_year, 'rep' as channel, 'nominal' as basis"
        rows = f"select * replace ({cent}) from '{truth}' where channel <> 'online' union all by name {stray}"
        connection.sql(f"copy ({rows}) to '{damaged}'")
        years = len(connection.sql(f"select * from '{truth}' where channel = 'online'").fetchall())
    kinds = [wrong[0] for wrong in differences(first_night.published / "repledger.duckdb", tmp_path, "company_revenue")]
    assert kinds.count("row") == years + 1
    assert kinds.count("revenue_amount") == 1


@pytest.mark.parametrize(("view", "answer"), [("rep_year", "rep_value"), ("group_year", "group_value"), ("segment_year", "segment_value")])
def test_the_views_for_bi_say_which_cohorts_are_mature(first_night: Home, view: str, answer: str) -> None:
    key = ", ".join(key_of(view))
    with duckdb.connect(str(first_night.published / "repledger.duckdb"), read_only=True) as connection:
        for age in (12, 24, 36):
            flags = f"""select is_mature, is_cohort_{age}_mature from {view} inner join {answer} using ({key})
                where reading = 'cohort' and age_months = {age} and value_measure = 'revenue'"""
            pairs = connection.sql(flags).fetchall()
            assert pairs
            assert all(told is not None and told == shown for told, shown in pairs)
