"""A small publication with the interface's shapes, for looking at the page without a warehouse.

Belongs here: simulated reps, accounts, lines and costs, and the answers that follow from them by plain SQL, so that sums tie out.
Doesn't: the models' rules (lenses, credit, currency); what matters here is that the page meets every shape it will meet in earnest.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.book.publication_facts import PublicationFacts

_KEY = "lens varchar, basis varchar, value_measure varchar, cost_basis varchar"
_MEASURES = """revenue_amount decimal(18,4), tcv_amount decimal(18,4), customers_acquired bigint, left_censored_customers bigint, is_mature boolean,
    realised_ltv_amount decimal(18,4), projected_ltv_amount decimal(18,4), projected_ltv_low_amount decimal(18,4), projected_ltv_high_amount decimal(18,4),
    value_amount decimal(18,4), cost_amount decimal(18,4), net_value_amount decimal(18,4), value_ratio decimal(18,6), projected_value_ratio decimal(18,6),
    cost_components_missing varchar, quality_grade varchar"""
_TABLES = f"""
create table dim_rep (crm_user_id varchar, rep_name varchar, rep_role varchar);
create table rep_value (crm_user_id varchar, ratio_withheld_reason varchar, reading varchar, fiscal_year integer, age_months integer, {_KEY},
    employee_number varchar, rep_name varchar, {_MEASURES});
create table group_value (group_type varchar, group_id varchar, group_name varchar,
    reading varchar, fiscal_year integer, age_months integer, {_KEY}, {_MEASURES});
create table customer_lifetime_value (account_id varchar, basis varchar default 'nominal', account_name varchar, acquired_on date,
    acquisition_basis varchar, acquiring_crm_user_id varchar, industry varchar, region varchar, acquisition_method varchar, realised_ltv_amount decimal(18,4));
create table goal_attainment (goal_id varchar, goal_version integer, lens varchar, owner_type varchar, crm_user_id varchar, owner_name varchar, metric varchar,
    period_start_on date, period_end_on date, set_on date, target_amount decimal(18,4), actual_amount decimal(18,4), attainment_pct decimal(18,6),
    probability_when_set decimal(9,6), basis varchar);
create table segment_value (segment_type varchar, segment varchar, first_segment varchar, second_segment varchar, reading varchar,
    fiscal_year integer, age_months integer, lens varchar, basis varchar, value_measure varchar, revenue_amount decimal(18,4), customers_acquired bigint,
    realised_ltv_amount decimal(18,4), cost_amount decimal(18,4), value_ratio decimal(18,6));
create table company_revenue (fiscal_year integer, channel varchar, basis varchar, revenue_amount decimal(18,4), order_count bigint);
create table fct_rep_cost (crm_user_id varchar, employee_number varchar, month_on date, component varchar, currency varchar, cost_amount decimal(18,4),
    cost_local_amount decimal(18,4));
create table fct_credit (order_line_id varchar, crm_user_id varchar, credit_role varchar, credited_on date, reason varchar, credited_amount decimal(18,4));
create table fct_order_line (order_line_id varchar, account_id varchar, territory_id varchar, ordered_on date, fiscal_year integer,
    revenue_amount decimal(18,4));
create table dim_customer (account_id varchar, industry varchar, account_region varchar);
create table dim_territory (territory_id varchar, territory_name varchar);
create table ratio_bridge (holder_type varchar, holder_id varchar, fiscal_year integer, step_number integer, step varchar,
    value_change_amount decimal(18,4), unsplit_amount decimal(18,4), cost_change_amount decimal(18,4), from_ratio double, change_ratio double, to_ratio double);
create table restatement (table_name varchar, row_key varchar, column_name varchar, cause varchar, from_publication varchar, to_publication varchar,
    change_amount decimal(18,4), closed_change_amount decimal(18,4));
create table tie_out (tie_out varchar, unit varchar, left_amount decimal(38,4), right_amount decimal(38,4), difference_amount decimal(38,4), is_tied boolean);
create temp table rep (crm_user_id varchar, rep_name varchar, team varchar);
create temp table account (account_id varchar, account_name varchar, crm_user_id varchar, acquired_on date, region varchar, industry varchar, method varchar);
create temp table line (order_line_id varchar, account_id varchar, crm_user_id varchar, ordered_on date, amount decimal(18,4), channel varchar);
"""


@dataclass(frozen=True)
class Example:
    """What the simulated company looks like. scale multiplies amounts; refunds of late years exceed the sales if `shrinking`."""

    reps: int = 6
    first_on: dt.date = dt.date(2021, 1, 1)
    as_of: dt.date = dt.date(2026, 1, 8)
    names: tuple[str, ...] = ()
    accounts_a_year: int = 8
    online_accounts: int = 6
    scale: int = 1
    shrinking: bool = False
    with_cost: bool = True
    goals: str = "rep team"
    missing: str | None = "bonus, taxes"
    fiscal_year_start_month: int = 1
    seed: int = 7

    @property
    def facts(self) -> PublicationFacts:
        return PublicationFacts("Example GmbH", self.as_of, "EUR", "2026-01-08-0a1b2c3d", self.fiscal_year_start_month)


EMPTY = Example(reps=0, online_accounts=0, goals="")


def write_published(path: Path, example: Example) -> PublicationFacts:
    """Write the publication to `path` and say what the page is told beside it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(_TABLES)
        _insert_events(connection, example)
        connection.execute(
            f"create temp macro fy(on_date) as year(on_date) + (month(on_date) >= {example.fiscal_year_start_month})::int"
            f" * ({example.fiscal_year_start_month} > 1)::int"
        )
        connection.execute(f"set variable as_of = date '{example.as_of}'")
        connection.execute("set variable missing = " + (f"'{example.missing}'" if example.missing else "null::varchar"))
        for statement in _ANSWERS.split(";"):
            if statement.strip():
                connection.execute(statement)
    return example.facts


def _months(first: dt.date, end: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month < end:
        yield month
        month = (month + dt.timedelta(days=32)).replace(day=1)


def _insert_events(connection: duckdb.DuckDBPyConnection, example: Example) -> None:
    dice = random.Random(example.seed)
    reps, accounts, lines, costs, goals = [], [], [], [], []
    for number in range(example.reps):
        rep = f"u{number:03d}"
        name = example.names[number] if number < len(example.names) else f"{_FIRST[number % 12]} {_LAST[number * 7 % 18]} {number}"
        reps.append((rep, name, f"Team {('North', 'South', 'East')[number % 3]}"))
        # Every fourth rep starts in the middle of a year, every ninth leaves early: parts of years of cost.
        start = example.first_on if number % 4 else example.first_on + dt.timedelta(days=130 * (number % 7))
        end = example.as_of if number % 9 != 8 else min(example.as_of, start + dt.timedelta(days=1000))
        skill = dice.lognormvariate(0, 0.4)
        _add_sales(dice, example, rep, start, end, skill, accounts, lines)
        pay = dice.randrange(4200, 9800) * example.scale
        costs += [(rep, month, "base", pay * (1 + 0.02 * (month.year - 2016))) for month in _months(start, end)] if example.with_cost else []
        costs += [(rep, month, "commission", pay // 5) for month in _months(start, end) if month.month % 3 == 0] if example.with_cost else []
        goals += list(_goals(dice, example, rep, name, start, end)) if "rep" in example.goals else []
    for number in range(example.online_accounts):
        _add_account(dice, example, f"w{number}", "unknown", example.first_on + dt.timedelta(days=97 * number), 0.3, "online", accounts, lines)
    if "team" in example.goals:
        goals += list(_goals(dice, example, None, "Team North", example.first_on, example.as_of))
    for table, rows in (("rep", reps), ("account", accounts), ("line", lines)):
        _insert(connection, table, rows)
    _insert(
        connection, "fct_rep_cost", [(rep, "e" + rep[1:], month, what, "EUR", Decimal(round(much)), Decimal(round(much))) for rep, month, what, much in costs]
    )
    _insert(connection, "goal_attainment", goals)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    if rows:
        row = "(" + ", ".join("?" for _ in rows[0]) + ")"
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            connection.execute(f"insert into {table} values " + ", ".join([row] * len(part)), [cell for line in part for cell in line])


def _add_sales(dice, example, rep, start, end, skill, accounts, lines) -> None:
    days = max((end - start).days, 1)
    for number in range(round(example.accounts_a_year * days / 365 * min(skill, 1.5))):
        _add_account(dice, example, f"{rep}-{number}", rep, start + dt.timedelta(days=dice.randrange(days)), skill, "rep", accounts, lines)


def _add_account(dice, example, account, rep, acquired_on, skill, channel, accounts, lines) -> None:
    if acquired_on >= example.as_of:
        return
    method = "web" if rep == "unknown" else dice.choice(["referral", "outbound", "event"])
    row = (account, f"Account {account}", rep, acquired_on, dice.choice(_REGIONS), dice.choice(_INDUSTRIES), method)
    accounts.append(row)
    on = acquired_on
    for number in range(8):
        sign = -3 if example.shrinking and on.year >= example.as_of.year - 2 else 1
        amount = Decimal(round(dice.lognormvariate(9.2, 0.7) * skill * sign * 100)) / 100 * example.scale
        lines.append((f"{account}-{number}", account, rep, on, amount, channel))
        on += dt.timedelta(days=dice.randrange(60, 420))
        if on >= example.as_of:
            return


def _goals(dice, example, rep, name, start, end) -> Iterator[tuple]:
    for month in _months(start.replace(day=1), end):
        if month.month % 3 == 1:
            until = (month + dt.timedelta(days=95)).replace(day=1)
            pct = Decimal(round(dice.gauss(96, 22) * 1000)) / 1000
            target = Decimal(dice.randrange(60, 160) * 1000 * example.scale)
            owner = "rep" if rep else "team"
            key = f"{rep or name}-{month:%Y%m}"
            yield key, 1, "as_sold", owner, rep, name, "revenue", month, until, month, target, target * pct / 100, pct, None, "nominal"


_FIRST = ("Ada", "José", "Mei", "Lars", "Noa", "Priya", "Tom", "Zoë", "Ivo", "Aiko", "Sam", "Lena")
_LAST = ("Alder", "Birk", "Cedar", "Dahl", "Elm", "Fir", "Gale", "Hazel", "Iris", "Juniper", "Kale", "Linden", "Moss", "Oak", "Pine", "Quince", "Reed", "Thorn")
_REGIONS = ("Nordics", "Central Europe", "Iberia", "United Kingdom and Ireland")
_INDUSTRIES = ("Retail", "Health care", "Manufacturing", "Public sector", "Software", "Logistics")

_ANSWERS = """
insert into dim_rep select crm_user_id, rep_name, 'hunter' from rep;
insert into fct_credit
select order_line_id, crm_user_id, 'originate', ordered_on, case crm_user_id when 'unknown' then 'no acquirer' else 'acquirer' end, amount from line;
insert into company_revenue select fy(ordered_on), channel, 'nominal', sum(amount), count(*) from line group by 1, 2;
insert into customer_lifetime_value by name
select account_id, account_name, acquired_on, 'inferred' as acquisition_basis, crm_user_id as acquiring_crm_user_id, industry, region,
    method as acquisition_method, (select sum(amount) from line where line.account_id = account.account_id) as realised_ltv_amount
from account;
create temp table first_line as select min(ordered_on) as first_on from line;
create temp table rep_cost as select crm_user_id, fy(month_on) as fiscal_year, sum(cost_amount) as cost_amount from fct_rep_cost group by all;
create temp table rep_revenue as select crm_user_id, fy(ordered_on) as fiscal_year, sum(amount) as revenue_amount from line group by all;
create temp table rep_year as
select crm_user_id, fiscal_year, coalesce(revenue_amount, 0) as revenue_amount, coalesce(cost_amount, 0) as cost_amount
from rep_cost full join rep_revenue using (crm_user_id, fiscal_year);
create temp table account_age as
select account.*, age_months, coalesce(acquired_on < first_on + interval 12 month, false) as is_left_censored,
    acquired_on + to_months(age_months) <= getvariable('as_of') as is_mature,
    coalesce((select sum(amount) from line where line.account_id = account.account_id
        and (age_months is null or ordered_on < acquired_on + to_months(age_months))), 0) as ltv
from account cross join first_line cross join (values (12), (24), (36), (null)) as age (age_months);
create temp table measures as
select crm_user_id, 'year' as reading, fiscal_year, null::int as age_months, revenue_amount, null as customers_acquired, null as left_censored_customers,
    null as is_mature, null as realised_ltv_amount, revenue_amount as value_amount, cost_amount from rep_year
union all
select rep_year.crm_user_id, 'cohort', rep_year.fiscal_year, ages.age_months, null, count(account_id), count(*) filter (is_left_censored),
    case when ages.age_months is not null then coalesce(bool_and(account_age.is_mature), true) end,
    coalesce(sum(ltv), 0), coalesce(sum(ltv), 0), any_value(cost_amount)
from rep_year cross join (values (12), (24), (36), (null)) as ages (age_months)
left join account_age on account_age.crm_user_id = rep_year.crm_user_id and fy(acquired_on) = rep_year.fiscal_year
    and ages.age_months is not distinct from account_age.age_months
group by rep_year.crm_user_id, rep_year.fiscal_year, ages.age_months
union all
select rep_year.crm_user_id, 'book', fiscal_year, null, null, null, null, null, null,
    round(coalesce((select sum(amount * (12 - (month(ordered_on) - 1) * (fy(ordered_on) = rep_year.fiscal_year)::int)) from line
        where line.crm_user_id = rep_year.crm_user_id and fy(ordered_on) <= rep_year.fiscal_year), 0) / 12, 4), cost_amount
from rep_year
union all
select crm_user_id, 'career', null, null, null, coalesce((select count(*) from account where account.crm_user_id = rep_year.crm_user_id), 0), 0, null,
    coalesce((select sum(ltv) from account_age where account_age.crm_user_id = rep_year.crm_user_id and age_months is null), 0),
    coalesce((select sum(ltv) from account_age where account_age.crm_user_id = rep_year.crm_user_id and age_months is null), 0), sum(cost_amount)
from rep_year group by crm_user_id;
insert into rep_value by name
select measures.*, 'as_sold' as lens, 'nominal' as basis, 'revenue' as value_measure, 'actual' as cost_basis, rep_name,
    value_amount - cost_amount as net_value_amount, round(value_amount / nullif(cost_amount, 0), 6) as value_ratio,
    getvariable('missing') as cost_components_missing
from measures left join rep using (crm_user_id);
create temp table member as
select 'company' as group_type, 'company' as group_id, 'Example GmbH' as group_name, crm_user_id from (select distinct crm_user_id from measures)
union all
select 'team', coalesce(team, 'unknown'), coalesce(team, 'unknown'), crm_user_id
from (select distinct crm_user_id from measures) left join rep using (crm_user_id);
insert into group_value by name
select group_type, group_id, group_name, reading, fiscal_year, age_months, 'as_sold' as lens, 'nominal' as basis, 'revenue' as value_measure,
    'actual' as cost_basis, sum(revenue_amount) as revenue_amount, sum(customers_acquired) as customers_acquired,
    sum(left_censored_customers) as left_censored_customers, bool_and(is_mature) as is_mature, sum(realised_ltv_amount) as realised_ltv_amount,
    sum(value_amount) as value_amount, sum(cost_amount) as cost_amount, sum(value_amount) - sum(cost_amount) as net_value_amount,
    round(sum(value_amount) / nullif(sum(cost_amount), 0), 6) as value_ratio, getvariable('missing') as cost_components_missing
from measures join member using (crm_user_id) group by all;
create temp table company_year as
select fiscal_year, value_amount, cost_amount from group_value where group_type = 'company' and reading = 'year';
create temp table company_step as
select this.fiscal_year, step_number, step, before.value_amount as before_value, before.cost_amount as before_cost, this.cost_amount,
    case step when 'cost' then 0 when 'volume' then this.value_amount - before.value_amount - cast(0.05 * before.value_amount as decimal(18,4))
        else cast(part * before.value_amount as decimal(18,4)) end as value_change_amount
from company_year as this join company_year as before on this.fiscal_year = before.fiscal_year + 1
cross join (values (1, 'exchange', 0), (2, 'price', 0.15), (3, 'mix', 0.1), (4, 'retention', -0.2), (5, 'volume', 0), (6, 'cost', 0))
    as parts (step_number, step, part)
where make_date(this.fiscal_year, 12, 31) < getvariable('as_of');
create temp table company_reached as
select *, before_value + sum(value_change_amount) over (partition by fiscal_year order by step_number) as reached from company_step;
insert into ratio_bridge
select 'company', 'company', fiscal_year, step_number, step, value_change_amount, if(step = 'volume', 1200, 0),
    if(step = 'cost', cost_amount - before_cost, 0), from_ratio, round(to_ratio - from_ratio, 6), to_ratio
from (select *,
    if(cost_amount > 0, round((reached - value_change_amount) / nullif(before_cost, 0), 6), null) as from_ratio,
    if(before_cost > 0, round(reached / nullif(if(step = 'cost', cost_amount, before_cost), 0), 6), null) as to_ratio
    from company_reached) as divided;
create temp table segment_line as
select
    unnest([{'kind': 'region', 'name': region}, {'kind': 'industry', 'name': industry}, {'kind': 'acquisition_method', 'name': method},
        {'kind': 'region_industry', 'name': region || ' × ' || industry}]) as segment,
    line.crm_user_id, fy(ordered_on) as fiscal_year, amount
from line join account using (account_id);
create temp table segment_revenue as
select segment.kind as segment_type, segment.name as segment, crm_user_id, fiscal_year, sum(amount) as revenue_amount, sum(greatest(amount, 0)) as positive
from segment_line group by segment.kind, segment.name, crm_user_id, fiscal_year;
create temp table segment_share as
select segment_type, coalesce(segment, 'unknown') as segment, rep_year.fiscal_year, rep_year.crm_user_id, segment_revenue.revenue_amount,
    cost_amount * coalesce(positive / nullif(sum(positive) over (partition by segment_type, rep_year.crm_user_id, rep_year.fiscal_year), 0), 1) as cost_amount
from (select * from rep_year cross join (select distinct segment_type from segment_revenue)) as rep_year
left join segment_revenue using (segment_type, crm_user_id, fiscal_year);
insert into segment_value by name
select segment_type, segment, split_part(segment, ' × ', 1) as first_segment, nullif(split_part(segment, ' × ', 2), '') as second_segment,
    'year' as reading, fiscal_year, 'as_sold' as lens, 'nominal' as basis, 'revenue' as value_measure,
    coalesce(sum(revenue_amount), 0) as revenue_amount, round(sum(cost_amount), 4) as cost_amount,
    round(sum(revenue_amount) / nullif(sum(cost_amount), 0), 6) as value_ratio
from segment_share group by all;
-- A line in a territory is of its region, one without is of the region of the account.
insert into dim_customer select account_id, industry, if(account_id < 'u001', null, region) from account;
insert into dim_territory select distinct 't ' || region, region from account;
insert into fct_order_line
select order_line_id, account_id, if(account_id < 'u001', 't ' || region, null), ordered_on, fy(ordered_on), amount from line join account using (account_id);
insert into tie_out
select tie_out, unit, left_amount, right_amount, left_amount - right_amount, left_amount = right_amount
from (values
    ('delivered lines = loaded + rejected', 'lines', 1234, 1234),
    ('revenue of the company = sum of reps', 'amount', (select coalesce(sum(revenue_amount), 0) from company_revenue),
        (select coalesce(sum(revenue_amount), 0) from rep_value where reading = 'year'))
) as pairs (tie_out, unit, left_amount, right_amount)
"""
