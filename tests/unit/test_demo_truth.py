"""The true answers tie out among themselves, and the delivered files tell the same story.

The second half works figures out anew, in SQL over the CSVs: what the events say and what the files say must be one company, or a
model would be blamed for the demo's fault.
"""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.demo import Size, build_world, write_demo
from orchestration.demo.answers import KEYS
from orchestration.demo.calendar import Calendar
from orchestration.demo.events import Account, Line, PayItem, Person, Rate, UserVersion, World
from orchestration.demo.facts import Facts
from orchestration.demo.money import half_away, shares
from orchestration.demo.truth import rep_value
from orchestration.demo.truth_more import SEGMENTS
from orchestration.landing.declarations import standard_entities
from orchestration.settings import Home

YEAR = "reading = 'year' and value_measure = 'revenue'"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("truth"))
    # One CRM: what two make of it, tests/pipeline/test_published_is_true compares.
    write_demo(home, reps=10, years=3, activities=0, changes_crm=False, progress=lambda _: None)
    return home


@pytest.fixture(scope="module")
def truth(home: Home) -> duckdb.DuckDBPyConnection:
    """The true answers as tables, and each delivered entity as `told_<entity>`, typed, with `extract_on`.

    An answer that has lenses and bases stands as sold, nominal and at actual cost under its name, and through each of them as `<answer>_each`.
    """
    connection = duckdb.connect()
    for name in KEYS:
        connection.execute(f"create table {name}_each as select * from '{home.truth}/{name}.parquet'")
        defaults = [f"{column} = '{value}'" for column, value in (("lens", "as_sold"), ("basis", "nominal"), ("cost_basis", "actual")) if column in KEYS[name]]
        connection.execute(f"create view {name} as from {name}_each where {' and '.join(defaults) or 'true'}")
    for path in sorted(home.landing.glob("*/*")):
        columns = ", ".join(f"cast({column.name} as {column.type}) as {column.name}" for column in standard_entities()[path.name].columns)
        extract = "cast(regexp_extract(filename, '([0-9-]{10})/[^/]+$', 1) as date) as extract_on"
        source = f"read_csv('{path}/*/*.csv', all_varchar=true, header=true, union_by_name=true, filename=true)"
        connection.execute(f"create table told_{path.name} as select {columns}, {extract} from {source}")
    for statement in STORY:
        connection.execute(statement)
    return connection


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def differing(connection: duckdb.DuckDBPyConnection, told: str, answer: str) -> object:
    """Rows that stand on one side only."""
    connection.execute(f"create or replace temp table told as {told}")
    connection.execute(f"create or replace temp table answer as {answer}")
    return one(connection, "select count(*) from ((from told except from answer) union all (from answer except from told))")


def latest(entity: str, key: str) -> str:
    """The version of a delta entity that counts."""
    return f"(from told_{entity} qualify row_number() over (partition by {key} order by extract_on desc, updated_at desc) = 1)"


# The story as the files tell it: rates, lines, sellers, owners.
STORY = (
    f"create table rate as select rate_on, lead(rate_on, 1, date '9999-12-31') over (order by rate_on) as until_on, rate from {latest('fx_rate', 'rate_on')}",
    """create macro in_usd(amount, money, day) as round(cast(
        amount * coalesce((select rate from rate where money = 'EUR' and day >= rate_on and day < until_on), 1) as decimal(38, 12)), 4)""",
    f"""create table line as select *, in_usd(booked_amount - coalesce(partner_amount, 0), currency, ordered_on) as revenue,
        in_usd(booked_amount - coalesce(partner_amount, 0), currency, ordered_on)
        - in_usd(cast(unit_cost_amount * quantity as decimal(18, 4)), currency, ordered_on) as margin
        from {latest("order_line", "order_line_id")} where is_deleted is null""",
    """create table split as select *, row_number() over (partition by opportunity_id, crm_user_id order by effective_on) as number,
        lead(effective_on, 1, date '9999-12-31') over (partition by opportunity_id, crm_user_id order by effective_on) as until_on
        from told_opportunity_split where split_role = 'revenue'""",
    """create table shown as select account_id, owner_crm_user_id, extract_on, row_number() over (partition by account_id order by extract_on) as number,
        lead(extract_on, 1, date '9999-12-31') over (partition by account_id order by extract_on) as until_on from told_account""",
    # What names no seller is sold by the house while the account is its own.
    """create table sold as
        select line.*, split.crm_user_id as seller, revenue * split_pct / sum(split_pct) over (partition by order_line_id) as part
        from line join split using (opportunity_id) where ordered_on < until_on and (ordered_on >= split.effective_on or number = 1)
        union all
        select line.*, coalesce(known.crm_user_id, house.crm_user_id, 'unknown'), revenue from line
        left join (select distinct crm_user_id from told_crm_user) as known using (crm_user_id)
        left join shown on line.account_id = shown.account_id and ordered_on < until_on and (ordered_on >= shown.extract_on or number = 1)
        left join (select distinct crm_user_id from told_crm_user where rep_role = 'house') as house
            on line.crm_user_id is null and owner_crm_user_id = house.crm_user_id
        where not exists (from split where split.opportunity_id = line.opportunity_id)""",
    """create table version as select *, row_number() over (partition by crm_user_id order by effective_on) as number,
        lead(effective_on, 1, date '9999-12-31') over (partition by crm_user_id order by effective_on) as until_on
        from told_crm_user where extract_on = date '2026-01-08'""",
    """create table seat as from told_territory_assignment where extract_on = (select max(extract_on) from told_territory_assignment)""",
)


def test_the_company_is_the_sum_of_its_reps_and_of_each_kind_of_group(truth: duckdb.DuckDBPyConnection) -> None:
    """What is paid once is in no rep's year, and so in no sum of them but that of careers."""
    for source in ("rep_value", *(f"(from group_value where group_type = '{kind}')" for kind in ("team", "manager", "territory"))):
        cost = "case when reading = 'career' then cost_amount end" if source == "rep_value" else "cost_amount"
        total = f"select reading, fiscal_year, age_months, value_measure, sum(value_amount), sum({cost}), sum(customers_acquired)"
        company = (
            f"select reading, fiscal_year, age_months, value_measure, value_amount, {cost}, customers_acquired from group_value where group_type = 'company'"
        )
        parts = f"{total} from {source} where reading in ('year', 'career') or age_months is null and reading = 'cohort' group by 1, 2, 3, 4"
        whole = f"{company} and (reading in ('year', 'career') or age_months is null and reading = 'cohort')"
        assert one(truth, f"select count(*) from ({parts} except {whole})") == 0
        assert one(truth, f"select count(*) from ({whole}) where value_amount <> 0") != 0


def test_a_region_is_its_territories_and_the_regions_are_the_company(truth: duckdb.DuckDBPyConnection) -> None:
    """A region has no seats of its own: what it has is below it, and what belongs to no territory is unknown."""
    year = "reading = 'year' and value_measure = 'revenue'"
    assert one(truth, f"select count(distinct group_id) from group_value where group_type = 'territory_tree' and group_id in ('TR01', 'TR02') and {year}") == 2
    tops = f"select fiscal_year, sum(value_amount), sum(cost_amount) from group_value where {year} and group_type = "
    regions = f"{tops} 'territory_tree' and group_id in ('TR01', 'TR02', 'unknown') group by 1"
    assert differing(truth, regions, f"{tops} 'company' group by 1") == 0


def test_what_is_shared_and_managed_is_tools_overhead_and_management(truth: duckdb.DuckDBPyConnection) -> None:
    """Of the company; what moves from managers comes to their reps."""
    sums = "select sum(direct_cost_amount), sum(shared_cost_amount), sum(management_cost_amount)"
    of = "select sum(cost_amount) filter (component not in ('tools', 'overhead', 'management')), sum(cost_amount) filter (component in ('tools', 'overhead'))"
    told = truth.execute(f"{sums} from group_value where group_type = 'company' and reading = 'career' and value_measure = 'revenue'").fetchall()
    assert told == truth.execute(f"{of}, sum(cost_amount) filter (component = 'management') from fct_rep_cost").fetchall()
    assert one(truth, "select count(*) > 0 from rep_value where management_cost_amount < 0") is True


def test_books_and_young_cohorts_add_up_too(truth: duckdb.DuckDBPyConnection) -> None:
    """A book is divided by twelve in each row, so a sum of books may differ by the rounding of its parts."""
    key = "reading, fiscal_year, age_months, value_measure"
    parts = f"select {key}, sum(value_amount) as parts, count(*) as number from rep_value group by all"
    whole = f"select {key}, value_amount from group_value where group_type = 'company'"
    gaps = f"select * from ({whole}) as whole left join ({parts}) as parts on ({', '.join('whole.' + name for name in key.split(', '))}) is not distinct from "
    gaps += f"({', '.join('parts.' + name for name in key.split(', '))})"
    assert one(truth, f"select count(*) filter (parts is null or abs(value_amount - parts) > number * 0.00005), count(*) > 20 from ({gaps})") == (0, True)


def test_company_revenue_is_the_revenue_of_reps_and_segments(truth: duckdb.DuckDBPyConnection) -> None:
    revenue = one(truth, "select sum(revenue_amount) from company_revenue")
    assert revenue == one(truth, "select sum(revenue_amount) from rep_value where value_measure = 'revenue'")
    for kind in SEGMENTS:
        assert revenue == one(truth, f"select sum(revenue_amount) from segment_value where segment_type = '{kind}' and value_measure = 'revenue'")
    assert revenue == one(truth, "select sum(realised_ltv_amount) from customer_lifetime_value")
    assert revenue == one(truth, "select sum(value_amount) from rep_value where reading = 'career' and value_measure = 'revenue'")
    credited = "select sum(credited_amount) from fct_credit where credit_role <> 'overlay'"
    assert revenue == one(truth, f"{credited} and reason <> 'write-off'")
    assert one(truth, f"{credited} and reason = 'write-off'") < 0  # type: ignore[operator]


def test_bridges_lead_from_one_ratio_to_the_next_and_no_step_is_idle(truth: duckdb.DuckDBPyConnection) -> None:
    """Of three years two bridges; prices, rates and customers move in the demo, or a step that is always 0 would be true of any model."""
    ends = """
        select count(*)
        from ratio_bridge
        inner join group_value as years on holder_type = group_type and holder_id = group_id and ratio_bridge.fiscal_year = years.fiscal_year + {back}
        where reading = 'year' and value_measure = 'revenue' and step_number = {step} and {shown} is distinct from value_ratio and {shown} is not null
    """
    assert one(truth, ends.format(back=1, step=1, shown="from_ratio")) == 0
    assert one(truth, ends.format(back=0, step=6, shown="to_ratio")) == 0
    steps = truth.execute("select step, value_change_amount, cost_change_amount from ratio_bridge where holder_type = 'company'").fetchall()
    assert len(steps) == 12
    assert all(abs(cost if step == "cost" else value) > 100 for step, value, cost in steps)
    values = "select sum(value_change_amount) from ratio_bridge where holder_type = 'company'"
    revenue = f"select max_by(value_amount, fiscal_year) from group_value where group_type = 'company' and {YEAR} and fiscal_year = "
    assert one(truth, values) == one(truth, revenue + "2025") - one(truth, revenue + "2023")


def test_each_policy_credits_the_same_total_of_each_year(truth: duckdb.DuckDBPyConnection) -> None:
    totals = "select fiscal_year, sum(credited_amount) from credit_policy_comparison where policy = '{}' and basis = 'nominal' group by 1"
    credited = "select year(credited_on), sum(credited_amount) from fct_credit where credit_role <> 'overlay' group by 1"
    for policy in ("acquirer", "owner", "split", "handover"):
        assert differing(truth, totals.format(policy), credited) == 0


def test_cost_is_the_same_in_all_cuts_and_methods_add_the_marketing(truth: duckdb.DuckDBPyConnection) -> None:
    cost = one(truth, "select sum(cost_amount) from fct_rep_cost")
    paid_once = one(truth, "select sum(cost_amount) from fct_rep_cost where component in ('severance', 'sign_on', 'recruiting', 'paid_leave')")
    assert paid_once > 0  # type: ignore[operator]
    assert cost - paid_once == one(truth, "select sum(cost_amount) from rep_value where reading = 'year' and value_measure = 'revenue'")  # type: ignore[operator]
    assert cost == one(truth, "select sum(cost_amount) from rep_value where reading = 'career' and value_measure = 'revenue'")
    segments = "select sum(cost_amount) from segment_value where reading = 'year' and value_measure = 'revenue' and segment_type = "
    methods = one(truth, segments + "'acquisition_method'")
    assert methods > cost  # type: ignore[operator]
    for kind in SEGMENTS:
        assert one(truth, f"{segments}'{kind}'") == (methods if "acquisition_method" in kind else cost)
        next_key = segments.replace("cost_amount", "next_key_cost_amount")
        assert one(truth, f"{next_key}'{kind}'") == (methods if "acquisition_method" in kind else cost)


def test_pairs_add_up_to_each_of_their_sides(truth: duckdb.DuckDBPyConnection) -> None:
    """What was sold, who was won and who stayed; cost is split over pairs anew, and only its total is the same."""
    sums = "sum(value_amount) as brought, sum(customers_acquired), sum(before_amount), sum(net_retained_amount)"
    for pair, sides in SEGMENTS.items():
        for place, side in zip(("first_segment", "second_segment"), sides if len(sides) > 1 else (), strict=False):
            told, answer = (
                f"select {name}, reading, fiscal_year, age_months, value_measure, {sums} from segment_value where segment_type = '{kind}'"
                " group by all having brought <> 0"
                for name, kind in ((place, pair), ("segment", side))
            )
            assert differing(truth, told, answer) == 0, (pair, side)


def test_through_each_lens_the_totals_are_the_same(truth: duckdb.DuckDBPyConnection) -> None:
    """Of reps, of each kind of group, of regions, and of the company's goals, in each reading and year."""
    amounts = "sum(value_amount), sum(cost_amount), sum(customers_acquired)"
    for source in (
        "rep_value_each",
        *(f"(from group_value_each where group_type = '{kind}')" for kind in ("team", "manager", "territory", "company")),
        "(from segment_value_each where segment_type = 'region')",
    ):
        total = f"select reading, fiscal_year, age_months, value_measure, {amounts} from {source} where basis = 'nominal' and reading <> 'book' and lens = "
        for lens in ("as_was", "as_is"):
            assert differing(truth, f"{total} '{lens}' group by all", f"{total} 'as_sold' group by all") == 0
    goals = "select goal_id, goal_version, actual_amount from goal_attainment_each where owner_type = 'company' and lens = "
    assert differing(truth, f"{goals} 'as_was'", f"{goals} 'as_sold'") == differing(truth, f"{goals} 'as_is'", f"{goals} 'as_sold'") == 0


@pytest.mark.parametrize("lens", ["as_was", "as_is"])
def test_the_files_tell_whose_accounts_a_years_sales_were(truth: duckdb.DuckDBPyConnection, lens: str) -> None:
    """The owner at the year's end, or on the last day: as the last extract up to then has it, else as the first one that has the account."""
    day = {"as_was": "least(make_date(year(ordered_on), 12, 31), date '2026-01-07')", "as_is": "date '2026-01-07'"}[lens]
    told = f"""
        with reps as (select distinct crm_user_id from rep_value)
        select coalesce(reps.crm_user_id, 'unknown'), year(ordered_on), sum(revenue)
        from line join shown using (account_id) left join reps on owner_crm_user_id = reps.crm_user_id
        where {day} < until_on and ({day} >= shown.extract_on or number = 1) group by 1, 2"""
    answer = (
        f"select crm_user_id, fiscal_year, revenue_amount from rep_value_each where lens = '{lens}' and basis = 'nominal' and {YEAR} and revenue_amount <> 0"
    )
    assert differing(truth, told, answer) == 0
    assert differing(truth, answer, f"select crm_user_id, fiscal_year, revenue_amount from rep_value where {YEAR} and revenue_amount <> 0") != 0


def test_the_files_tell_for_whom_a_seats_quota_and_sales_count(truth: duckdb.DuckDBPyConnection) -> None:
    """Day by day, equally among those who held the seat then, however often they are named; the answer goes by spans, so to a few ten-thousandths."""
    told = """
        with quota as (select goal_id, owner_id as territory_id, target_amount / (period_end_on - period_start_on) as a_day,
                cast(unnest(generate_series(period_start_on, period_end_on - 1, interval 1 day)) as date) as day
            from told_goal where owner_type = 'territory' and metric = 'revenue' and extract_on = (select max(extract_on) from told_goal)),
        held as (select distinct quota.*, coalesce(crm_user_id, 'unknown') as crm_user_id
            from quota left join seat on seat.territory_id = quota.territory_id and assigned_from_on <= day
                and day < coalesce(assigned_to_on, date '9999-12-31')),
        holder as (select *, count(*) over (partition by goal_id, day) as together from held),
        sold_on as (select territory_id, ordered_on as day, sum(revenue) as revenue from line group by all)
        select goal_id, crm_user_id, sum(a_day / together) as quota, coalesce(sum(revenue / together), 0) as actual
        from holder left join sold_on using (territory_id, day) group by all"""
    answer = "select goal_id, crm_user_id, sum(quota_amount) as quota_amount, sum(actual_amount) as actual_amount from fct_seat_quota"
    answer += " where metric = 'revenue' group by all"
    near = "abs(quota - quota_amount) < 0.01 and abs(actual - actual_amount) < 0.01"
    gap = f"from ({told}) as told full join ({answer}) as answer using (goal_id, crm_user_id)"
    assert one(truth, f"select count(*) filter (not coalesce({near}, false)), count(*) filter (crm_user_id = 'unknown') > 0 {gap}") == (0, True)


def test_every_key_is_unique(truth: duckdb.DuckDBPyConnection) -> None:
    """A company that keeps its CRM has nothing taken over."""
    for name, key in KEYS.items():
        assert one(truth, f"select count(*) - count(distinct ({', '.join(key)})), count(*) > 0 from {name}_each") == (0, name != "taken_over")


def test_the_files_tell_the_revenue_of_each_year_and_channel(truth: duckdb.DuckDBPyConnection) -> None:
    told = "select year(ordered_on), channel, sum(revenue), count(distinct order_id) from line group by 1, 2"
    assert one(truth, f"select count(*) from ({told} except select fiscal_year, channel, revenue_amount, order_count from company_revenue)") == 0
    assert one(truth, f"select count(*) = (select count(*) from company_revenue) from ({told})") is True


def test_the_files_tell_each_lines_margin(truth: duckdb.DuckDBPyConnection) -> None:
    margin = one(truth, "select sum(value_amount) from rep_value where reading = 'year' and value_measure = 'gross_margin'")
    assert margin == one(truth, "select sum(margin) from line")


def test_the_files_tell_what_each_rep_sold(truth: duckdb.DuckDBPyConnection) -> None:
    told = "select seller, year(ordered_on) as fiscal_year, sum(part) as part from sold group by all"
    gap = f"select count(*), count(*) filter (abs(part - revenue_amount) > 0.02) from ({told}) as t join rep_value as r on r.crm_user_id = seller"
    rows = one(truth, f"{gap} and r.fiscal_year = t.fiscal_year where reading = 'year' and value_measure = 'revenue'")
    assert rows == (one(truth, f"select count(*) from ({told})"), 0)


@pytest.mark.parametrize(("kind", "column"), [("team", "team_id"), ("manager", "manager_crm_user_id")])
def test_the_files_tell_what_each_group_sold(truth: duckdb.DuckDBPyConnection, kind: str, column: str) -> None:
    joined = "sold left join version on seller = version.crm_user_id and ordered_on < until_on and (ordered_on >= version.effective_on or number = 1)"
    told = f"select coalesce({column}, 'unknown') as group_id, year(ordered_on) as fiscal_year, sum(part) as part from {joined} group by all"
    gap = (
        f"from ({told}) as t join group_value as g using (group_id, fiscal_year) where reading = 'year' and value_measure = 'revenue' and group_type = '{kind}'"
    )
    assert one(truth, f"select count(*) = (select count(*) from ({told})) and count(*) > 3 and max(abs(part - revenue_amount)) < 0.02 {gap}") is True


def test_the_files_tell_what_each_territorys_seats_sold(truth: duckdb.DuckDBPyConnection) -> None:
    seat = """(select min(territory_id) from seat where seat.crm_user_id = seller and assigned_from_on <= ordered_on
        and ordered_on < coalesce(assigned_to_on, date '9999-12-31'))"""
    told = f"select coalesce({seat}, 'unknown') as group_id, year(ordered_on) as fiscal_year, sum(part) as part from sold group by all"
    gap = f"from ({told}) as t join group_value as g using (group_id, fiscal_year) where {YEAR} and group_type = 'territory'"
    assert one(truth, f"select count(*) = (select count(*) from ({told})) and count(*) > 3 and max(abs(part - revenue_amount)) < 0.02 {gap}") is True


def test_the_files_tell_each_book(truth: duckdb.DuckDBPyConnection) -> None:
    """The owner of a month's last day: as the last extract up to that day has it, else as the first extract that has the account."""
    told = """
        with ends as (select cast(unnest(generate_series(date '2023-02-01', date '2026-01-01', interval 1 month)) as date) as end_on),
        worth as (select end_on, account_id, sum(revenue) as ltv from ends join line on ordered_on < end_on group by all),
        reps as (select distinct crm_user_id from rep_value)
        select coalesce(reps.crm_user_id, 'unknown') as crm_user_id, year(end_on - 1) as fiscal_year, sum(ltv) / 12.0 as book
        from worth join shown using (account_id) left join reps on owner_crm_user_id = reps.crm_user_id
        where end_on - 1 < until_on and (end_on - 1 >= extract_on or number = 1) group by 1, 2"""
    gap = f"from ({told}) as t join rep_value as r using (crm_user_id, fiscal_year) where reading = 'book' and value_measure = 'revenue'"
    assert one(truth, f"select count(*) = (select count(*) from ({told})) and count(*) > 20 and max(abs(book - value_amount)) < 0.001 {gap}") is True


def test_the_files_tell_each_acquirer(truth: duckdb.DuckDBPyConnection) -> None:
    told = """
        with known as (select distinct crm_user_id from told_crm_user where rep_role is distinct from 'house'),
        first as (select account_id, first(crm_user_id order by ordered_on, cast(order_line_id as bigint)) as rep
            from line join known using (crm_user_id) group by 1),
            unsold as (select account_id, nullif(first(seller order by ordered_on, cast(order_line_id as bigint)), 'unknown') as house from sold group by 1)
        select account_id, coalesce(acquiring_crm_user_id, rep, house) from told_account left join first using (account_id) left join unsold using (account_id)
        where extract_on = date '2026-01-08' and account_id in (select account_id from line)"""
    assert differing(truth, told, "select account_id, acquiring_crm_user_id from customer_lifetime_value") == 0


def pay_by_month() -> str:
    """Pay in each month of its period by days, to the cent, in its currency and in USD at the rate of its first day; the last month has what is left."""
    key = "employee_number, period_start_on, item_code"
    cents = "cast(cast(round(cast({} * 100 * days as double) / (to_on - period_start_on)) as decimal(18, 0)) * 0.01 as decimal(18, 4))".format
    last = "case when is_last then {0} - sum({1}) over item + {1} else {1} end".format
    return f"""(
        select employee_number, month_on, component, currency, {last("local", "local_cents")} as local, {last("usd", "usd_cents")} as usd
        from (
            select *, month_on = max(month_on) over (partition by {key}) as is_last, {cents("local")} as local_cents, {cents("usd")} as usd_cents
            from (
                select {key}, component, currency, to_on, local, usd, cast(date_trunc('month', day) as date) as month_on, count(*) as days
                from (
                    select *, unnest(generate_series(period_start_on, to_on - 1, interval 1 day)) as day
                    from (
                        select *, coalesce(period_end_on, cast(period_start_on + interval 1 month as date)) as to_on,
                            cast(pay_amount as decimal(18, 4)) as local, cast(in_usd(pay_amount, currency, period_start_on) as decimal(18, 4)) as usd
                        from {latest("pay_item", key)}
                    )
                ) group by all
            )
        ) window item as (partition by {key})
    )"""


def test_the_files_tell_what_each_rep_cost(truth: duckdb.DuckDBPyConnection) -> None:
    told = f"""
        with staff as (select distinct employee_number, lower(email) as email from told_employee),
        users as (
            select crm_user_id, max(rep_role) as rep_role, employee_number, lower(email) as email from told_crm_user group by all
        ),
        job as (select employee_number, max(rep_role) as job_role from told_job group by all),
        person as (
            select staff.employee_number, crm_user_id, coalesce(rep_role, job_role) as rep_role from staff left join job using (employee_number)
            left join users on users.employee_number = staff.employee_number or users.employee_number is null and users.email = staff.email),
        item as (
            select employee_number, month_on, component, currency, usd, local from {pay_by_month()}
            union all
            select coalesce(claimant_employee_number, (select employee_number from staff where email = lower(claimant_email)), 'unknown'),
                cast(date_trunc('month', spent_on) as date), 'expenses', currency, in_usd(expense_amount, currency, spent_on), expense_amount
            from {latest("expense_line", "report_id, line_number")}
            where status not in ('rejected', 'withdrawn'))
        select coalesce(crm_user_id, 'unknown'), employee_number, month_on, component, currency, sum(usd), sum(local)
        from item left join person using (employee_number) where employee_number = 'unknown' or rep_role is not null
            or crm_user_id in (select acquiring_crm_user_id from told_account) group by all"""
    answer = "select crm_user_id, employee_number, month_on, component, currency, cost_amount, cost_local_amount from fct_rep_cost"
    answer += " where component not in ('tools', 'overhead', 'coaching', 'management')"
    # What is paid for days, at work and on leave, is together what was delivered.
    by_days = "case when component in ('base', 'taxes', 'benefits', 'other', 'paid_leave') then 'by days' else component end"
    names = "costs(user_id, number, month_on, component, currency, amount, local)"
    summed = f"select user_id, number, month_on, {by_days}, currency, sum(amount), sum(local) from ({{}}) as {names} group by all"
    assert differing(truth, summed.format(told), summed.format(answer)) == 0


def test_the_files_tell_what_was_paid_for_long_leave(truth: duckdb.DuckDBPyConnection) -> None:
    """Day by day: of overlapping absences the larger share, of pay for days what falls on paid leave among the paid days."""
    told = f"""
        with day as (
            select employee_number, absence_type, cast(unnest(generate_series(starts_on, ends_on - 1, interval 1 day)) as date) as day, absence_pct, is_paid
            from told_absence where absence_type in ('parental', 'long_sick', 'care')),
        away as (select employee_number, day, arg_max(is_paid, absence_pct) as is_paid, max(absence_pct) as pct from day group by all),
        month as (
            select employee_number, cast(date_trunc('month', day) as date) as month_on, sum(pct) filter (is_paid) as leave,
                any_value(100 * day(last_day(day))) - coalesce(sum(pct) filter (not is_paid), 0) as paid
            from away group by 1, 2 having leave > 0)
        select employee_number, month_on, sum(local * leave / paid)
        from {pay_by_month()} inner join month using (employee_number, month_on)
        where component in ('base', 'taxes', 'benefits', 'other') group by all"""
    answer = "select employee_number, month_on, sum(cost_local_amount) as amount from fct_rep_cost where component = 'paid_leave' group by all"
    gap = "abs(told.amount - answer.amount) > 0.001 or told.amount is null or answer.amount is null"
    both = f"({told}) as told(employee_number, month_on, amount) full join ({answer}) as answer using (employee_number, month_on)"
    count, wrong = truth.execute(f"select count(*), count(*) filter ({gap}) from {both}").fetchall()[0]
    assert count > 3
    assert wrong == 0


def test_the_files_tell_what_each_segment_holds(truth: duckdb.DuckDBPyConnection) -> None:
    """Revenue of a region is the line's, or the account's where the line says none; its customers are those whose acquiring line lies there."""
    for kind in ("industry", "acquisition_method"):
        accounts = f"(select account_id, coalesce({kind}, 'unknown') as segment from told_account where extract_on = date '2026-01-08')"
        told = f"select segment, year(ordered_on), sum(revenue) from line join {accounts} using (account_id) group by 1, 2"
        answer = f"select segment, fiscal_year, revenue_amount from segment_value where {YEAR} and segment_type = '{kind}' and revenue_amount <> 0"
        assert differing(truth, told, answer) == 0
    territories = "(select distinct territory_id, territory_name from told_territory)"
    accounts = "(select account_id, region from told_account where extract_on = date '2026-01-08')"
    told = f"""
        select coalesce(territory_name, region, 'unknown'), year(ordered_on), sum(revenue)
        from line left join {territories} using (territory_id) left join {accounts} using (account_id) group by 1, 2
    """
    answer = f"select segment, fiscal_year, revenue_amount from segment_value where {YEAR} and segment_type = 'region' and revenue_amount <> 0"
    assert differing(truth, told, answer) == 0
    for kind in ("region", "industry", "acquisition_method"):
        held = f"select {kind}, count(*), sum(realised_ltv_amount) from customer_lifetime_value group by 1"
        answer = f"""select segment, customers_acquired, realised_ltv_amount from segment_value
            where reading = 'career' and value_measure = 'revenue' and segment_type = '{kind}' and customers_acquired > 0"""
        assert differing(truth, held, answer) == 0


def test_the_files_tell_each_cohort_at_equal_age(truth: duckdb.DuckDBPyConnection) -> None:
    told = """
        select coalesce(acquiring_crm_user_id, 'unknown'), year(acquired_on), age, count(distinct account_id),
            coalesce(sum(revenue) filter (ordered_on < acquired_on + to_months(age)), 0)::decimal(18, 4), max(acquired_on) + to_months(age) <= date '2026-01-08'
        from customer_lifetime_value join line using (account_id), (values (12), (24), (36)) as ages(age) group by 1, 2, 3"""
    answer = """select crm_user_id, fiscal_year, age_months, customers_acquired, realised_ltv_amount, is_mature
        from rep_value where reading = 'cohort' and value_measure = 'revenue' and age_months is not null and customers_acquired > 0"""
    assert differing(truth, told, answer) == 0


def test_the_files_tell_what_each_goal_came_to(truth: duckdb.DuckDBPyConnection) -> None:
    goals = """(select *, round(target_amount * coalesce(ramp_pct, 100) / 100, 4)::decimal(18, 4) as target
        from told_goal where extract_on = (select max(extract_on) from told_goal))"""
    within = "day >= period_start_on and day < period_end_on"
    for metric, happened in (
        ("revenue", "(select seller as rep, ordered_on as day, part as amount from sold)"),
        ("new_customers", "(select acquiring_crm_user_id as rep, acquired_on as day, 1 as amount from customer_lifetime_value)"),
    ):
        for owner, whose in (("rep", "rep = owner_id and"), ("company", "")):
            told = f"select goal_id, goal_version, target, (select coalesce(sum(amount), 0) from {happened} where {whose} {within}) as reached from {goals}"
            told += f" where owner_type = '{owner}' and metric = '{metric}'"
            gap = f"from ({told}) join goal_attainment using (goal_id, goal_version) where target = target_amount and abs(reached - actual_amount) < 0.02"
            assert one(truth, f"select count(*) > 0 and count(*) = (select count(*) from ({told})) {gap}") is True
    # Through each of three lenses, in each of three bases.
    assert one(truth, f"select 9 * count(*) = (select count(*) from goal_attainment_each) from {goals}") is True


def test_equal_remainders_go_to_the_first_and_a_refund_takes_back_the_same() -> None:
    assert shares(10, [333333, 333333, 333333]) == [4, 3, 3]
    assert shares(-10, [333333, 333333, 333333]) == [-4, -3, -3]
    assert shares(5, [1, 1]) == [3, 2]
    assert (half_away(5, 10), half_away(-5, 10), half_away(4, 10), half_away(-15, 10)) == (1, -1, 0, -2)


def article(handed_over: bool) -> World:
    """A rep with two customers of unequal value since before the year; the larger may go to a colleague in the middle of it."""
    world = World("Article", Calendar(1), rates=[Rate(dt.date(2025, 1, 1), 10**8, dt.date(2025, 2, 1))])
    for number, cost in ((1, 100_000), (2, 50_000)):
        user, employee = f"U{number}", f"E{number}"
        rep = Person(user, f"{user}@example.com", "US", "USD", "hunter", "Rep", dt.date(2020, 1, 1), employee, user, crm_employee_number=employee)
        rep.users.append(UserVersion(rep.hired_on, "team-01", None, True, dt.date(2025, 2, 1)))
        world.people.append(rep)
        world.pay.append(PayItem(employee, dt.date(2025, 1, 1), "BASE", "base", cost * 10_000, "USD", dt.date(2025, 1, 30), dt.date(2025, 2, 1)))
    for number, value in ((1, 400_000), (2, 100_000)):
        owners: list[tuple[dt.date, str | None]] = [(dt.date(2025, 1, 1), "U1")]
        if handed_over and number == 1:
            owners.append((dt.date(2025, 6, 15), "U2"))
        world.accounts.append(
            Account(f"A{number}", f"Customer {number}", dt.date(2025, 1, 1), owners, "USD", "US", None, None, None, None, "Americas", dt.date(2025, 1, 1))
        )
        world.lines.append(
            Line(
                number,
                "S1",
                f"A{number}",
                "U1",
                None,
                None,
                dt.date(2025, 1, 1),
                1,
                value * 10_000,
                "USD",
                0,
                value * 10_000,
                "rep",
                "CORE",
                dt.date(2025, 2, 1),
            )
        )
    return world


def book(world: World, user: str, lens: str = "as_sold") -> object:
    return next(
        row["value_ratio"]
        for row in rep_value(Facts(world), 1)
        if (row["crm_user_id"], row["reading"], row["lens"], row["value_measure"]) == (user, "book", lens, "revenue")
    )


def test_the_articles_client_list_of_five_times_its_cost() -> None:
    assert book(article(handed_over=False), "U1") == Decimal("5.000000")
    # June's extract of July 1 shows the handover, so six month-ends of twelve are the colleague's.
    assert book(article(handed_over=True), "U1") == (Decimal(400_000 * 6 + 100_000 * 12) / 12 / 100_000).quantize(Decimal("0.000001"))
    assert book(article(handed_over=True), "U2") == Decimal("4.000000")
    # Through the other lenses the colleague held it all year.
    assert book(article(handed_over=True), "U2", "as_was") == book(article(handed_over=True), "U2", "as_is") == Decimal("8.000000")


def test_a_fiscal_year_that_starts_in_july_moves_the_years_not_the_sums(home: Home, tmp_path: Path) -> None:
    facts = Facts(build_world(Size(reps=4, years=2, activities=0, fiscal_year_start_month=7)))
    sums = {start: sum(row["value_amount"] for row in rep_value(facts, start) if (row["reading"], row["cost_basis"]) == ("year", "actual")) for start in (1, 7)}
    assert sums[1] == sums[7] > 0
    assert {row["fiscal_year"] for row in rep_value(facts, 7)} == {2024, 2025, 2026, None}
