"""A small company in a DuckDB file on which every check of the gate passes; tests plant damage into it.

Raw tables follow the contract, with one row each. Marts hold two lines, two reps and one account.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import duckdb

from expectations.gate import Night
from orchestration.landing.declarations import Column, Declared, Entity, connector_entities
from orchestration.settings import CONNECTORS

AS_OF = dt.date(2024, 6, 30)
GOOD_LINE = 2

_BY_TYPE = {"varchar": "a", "date": "2024-01-01", "timestamp": "2024-01-01T10:00:00", "boolean": "true"}
_BY_NAME = {
    "currency": "USD",
    "from_currency": "EUR",
    "to_currency": "USD",
    "rep_role": "hunter",
    "manager_crm_user_id": "b",
    "opportunity_type": "new",
    "merged_into_opportunity_id": "b",
    "merged_into_account_id": "b",
    "id_kind": "account",
    "to_id": "b",
    "split_role": "revenue",
    "split_pct": "100",
    "refunds_order_line_id": "",
    "parent_territory_id": "",
    "assigned_to_on": "2024-02-01",
    "ends_on": "2024-02-01",
    "closed_on": "2024-02-01",
    "left_on": "2024-02-01",
    "period_end_on": "2024-02-01",
    "component": "base",
    "pool_kind": "tools",
    "allocation_key": "headcount",
    "status": "approved",
    "owner_type": "rep",
    "metric": "revenue",
    "chosen_by": "lottery",
    "calendar_year": "2024",
    "ReasonType": "Marketing",
    "CommissionPct": "0.01",
    "EndDate": "2024-02-01",
    "entity": "account",
    "column_name": "account_name",
    "approved_by": "b",
    **dict.fromkeys((column.name for column in connector_entities("ecb")["fx_rate"].columns if column.name != "Date"), "1.25"),
    "to_crm_user_id": "b",
}


def declared() -> tuple[Declared, ...]:
    """Every entity of every connector; the source is named like the area."""
    return tuple(Declared(entity.area, entity, entity.mode, entity.columns) for connector in CONNECTORS for entity in connector_entities(connector).values())


def night(tmp_path: Path, **changes: object) -> Night:
    facts = {"as_of": AS_OF, "reporting_currency": "USD", "entities": declared(), "failed_dir": tmp_path / "failed", "notes_dir": tmp_path / "notes"}
    return Night(**(facts | changes))  # type: ignore[arg-type]


def good_cell(column: Column) -> str:
    return _BY_NAME.get(column.name, _BY_TYPE.get(column.type, "1"))


_TECHNICAL = "_source varchar, _extract_date date, _shown_until_on date, _file varchar, _line bigint, _mode varchar"


def file_of(each: Declared) -> str:
    return f"{each.source}/{each.entity.name}/{AS_OF}/a.csv"


def raw_table(entity: Entity) -> str:
    return f'raw."{entity.connector}__{entity.name}"'


def add_raw_row(connection: duckdb.DuckDBPyConnection, each: Declared, line: int, changes: Mapping[str, str | None]) -> None:
    """A good row with some cells changed."""
    cells = {column.name: good_cell(column) for column in each.entity.columns} | changes
    row = [*cells.values(), each.source, AS_OF, AS_OF, file_of(each), line, each.mode]
    connection.execute(f"insert into {raw_table(each.entity)} values ({', '.join('?' * len(row))})", row)


def make_warehouse(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        for schema in ("raw", "staging", "core"):
            connection.execute(f"create schema {schema}")
        _make_raw(connection)
        connection.execute("create view staging.prep_standard__correction as select * from raw.standard__correction")
        _make_histories(connection)
        connection.execute(_MARTS)
    return path


def _make_raw(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create table raw.delivery (
            source varchar, connector varchar, entity varchar, mode varchar, extract_date date, file varchar, sha256 varchar,
            size_bytes bigint, lines bigint, loaded bigint, rejected bigint, state varchar, is_compacted boolean
        )
    """)
    for each in declared():
        columns = "".join(f'"{column.name}" varchar, ' for column in each.entity.columns)
        connection.execute(f"create table {raw_table(each.entity)} ({columns} {_TECHNICAL})")
        add_raw_row(connection, each, GOOD_LINE, {})
        add_delivery(connection, each, AS_OF, file_of(each), 1)


def add_delivery(connection: duckdb.DuckDBPyConnection, each: Declared, extract_date: dt.date, file: str, loaded: int) -> None:
    row = [each.source, each.entity.connector, each.entity.name, each.mode, extract_date, file, "00", 1, loaded, loaded, 0, "loaded", False]
    connection.execute(f"insert into raw.delivery values ({', '.join('?' * len(row))})", row)


def _make_histories(connection: duckdb.DuckDBPyConnection) -> None:
    """One version of one key, always valid, known since the extract."""
    for name, entity in connector_entities("standard").items():
        columns = ", ".join(f"cast('{good_cell(column)}' as {column.type}) as {column.name}" for column in entity.columns if good_cell(column))
        connection.execute(f"""
            create table core.core_{name}_history as
            select {columns}, '{entity.area}' as _source, 'f' as _file, 2 as _line,
                date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on,
                date '2024-06-30' as known_from_on, date '9999-12-31' as known_to_on, cast(null as date) as known_open_to_on
        """)


_MARTS = """
    delete from core.core_pay_item_history;
    insert into core.core_pay_item_history by name
    select
        unnest(['E1', 'E2', 'E3']) as employee_number, unnest([40, 20, 7]) as pay_amount, 'base' as component, 'USD' as currency, 'payroll' as _source,
        date '2024-01-01' as period_start_on, 'salary' as item_code,
        date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on,
        date '2024-06-30' as known_from_on, date '9999-12-31' as known_to_on;
    update core.core_expense_line_history set expense_amount = 3;
    create table core.core_fx_span as select 'USD' as currency, date '0001-01-01' as holds_from_on, date '9999-12-31' as holds_to_on;
    create table core.core_segment_cost as
    select
        'revenue' as allocation_key, 'acquisition_method' as segment_type, 2023 as fiscal_year, 'nominal' as basis, 'marketing' as cost_kind,
        cast(5 as decimal(18, 4)) as cost_amount;

    delete from core.core_order_line_history;
    insert into core.core_order_line_history by name
    select
        unnest(['L1', 'L2']) as order_line_id, unnest(['USD', 'EUR']) as currency, unnest([100, 50]) as booked_amount, 'crm' as _source,
        date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on,
        date '2024-06-30' as known_from_on, date '9999-12-31' as known_to_on;

    create table core.core_basis_gap as
    select cast(null as varchar) as basis, 'order_line' as entity, cast(null as varchar) as lacking, 0 as row_count;
    create table core.core_price_index as
    select unnest([date '2023-04-01', date '2023-05-01']) as month_on, unnest([date '2023-04-01', date '2023-05-01']) as told_month_on, false as is_carried;
    create table core.core_period_close as select month_on from core.core_period_close_history;
    create table core.core_late_line as
    select 'f' as _file, 2 as _line, 'order_line' as entity, date '2024-01-01' as month_on, date '2024-02-01' as closed_on, 100 as revenue_amount limit 0;
    create table period_status as
    select date '2024-01-01' as month_on, 'closed' as period_state, date '2024-02-01' as closed_on, 'c' as closed_by;

    create table dim_date as select date '2024-01-01' as date_on, 2024 as fiscal_year;
    create table dim_fiscal_period as
    select
        '445' as calendar_code, 2023 + period as fiscal_year, 1 as fiscal_period, make_date(2022 + period, 12, 31) as period_start_on,
        make_date(2023 + period, 12, 31) as period_end_on, 365 as period_days, null as period_weeks, false as is_company_calendar
    from range(3) as periods(period);
    create table core.core_marketing_line as select date '2024-01-01' as month_on;
    create table core.core_customer_month as
    select date '2024-01-01' as month_on, date '2024-01-31' as last_day_on, true as is_over, 1 as realised_ltv_amount limit 0;
    create table dim_rep as select unnest(['R1', 'R2', 'unknown']) as crm_user_id;
    create table dim_team as select unnest(['T', 'unknown']) as team_id;
    create table dim_manager as select unnest(['M', 'unknown']) as manager_crm_user_id;
    create table dim_territory as select unnest(['N', 'unknown']) as territory_id;
    create table dim_customer as select unnest(['A', 'unknown']) as account_id;
    create table dim_industry as select unnest(['toys', 'unknown']) as industry;
    create table dim_metric as select 'value_ratio' as metric, 1 as version;
    create table dim_acquisition_method as select unnest(['event', 'unknown']) as acquisition_method;

    create table fct_order_line (
        order_line_id varchar, account_id varchar, ordered_on date, currency varchar, booked_amount decimal(18, 4), revenue_amount decimal(18, 4)
    );
    insert into fct_order_line values
        ('L1', 'A', '2023-03-01', 'USD', 100, 100),
        ('L2', 'A', '2024-02-01', 'EUR', 50, 55);
    create table core.core_order_line as
    select
        * replace ('a' as account_id), 'R1' as crm_user_id, 'R1' as delivered_crm_user_id,
        'crm/order_line/2024-06-30/a.csv' as _file, cast(right(order_line_id, 1) as bigint) + 1 as _line
    from fct_order_line;

    alter table core.core_order_line add column opportunity_id varchar;
    update core.core_order_line set opportunity_id = 'a' where order_line_id = 'L1';
    create table core.core_payment_part as
    select
        'a' as payment_id, 'invoiced' as payment_event, 'L1' as order_line_id, 'USD' as currency, cast(5 as decimal(18, 4)) as payment_amount,
        'f' as _file, 2 as _line;
    create table core.core_seat as
    select
        unnest(['T1', 'T2', 'T1']) as territory_id, unnest(['R1', 'R1', 'R2']) as crm_user_id, date '2023-01-01' as assigned_from_on,
        unnest([date '2023-07-01', date '2023-01-01', null]) as assigned_to_on, date '9999-12-31' as valid_to_on;

    create table core.core_takeover as
    select cast(null as varchar) as entity, cast(null as varchar) as taken_source, cast(null as varchar) as taking_source, cast(null as date) as takes_over_on
    where false;
    create table taken_over as
    select 'order_line' as entity, 'old' as source, 'GBP' as currency, 1 as row_count, cast(3 as decimal(18, 4)) as taken_over_local_amount;
    insert into core.core_order_line_history by name
    select
        'L0' as order_line_id, 'GBP' as currency, 3 as booked_amount, 'old' as _source, date '2020-01-01' as ordered_on,
        date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on,
        date '2024-06-30' as known_from_on, date '9999-12-31' as known_to_on;
    create table core.core_crosswalk as
    select 'account' as id_kind, 'z' as from_id, 'a' as to_id, 'a' as linked_to_id, 'crosswalk' as match_basis, 'f' as _file, 2 as _line;
    alter table core.core_account_history add column is_last_known boolean default true;
    alter table core.core_opportunity_history add column is_last_known boolean default true;
    update core.core_account_history set merged_into_account_id = null;
    update core.core_opportunity_history set merged_into_opportunity_id = null;
    alter table core.core_crm_user_history add column is_last_known boolean default true;
    alter table core.core_employee_history add column is_last_known boolean default true;
    create table core.core_user_employee as select crm_user_id, employee_number, 'employee number' as match_basis from core.core_crm_user_history;
    create table id_alias as select 'account' as id_kind, 'z' as alias_id, 'a' as shown_id, 'crosswalk' as match_basis;
    create table unmatched_identity as
    select 'crm_user' as id_kind, 'U9' as id, 'crm' as source, 'no such CRM user' as reason, cast(1 as decimal(18, 4)) as revenue_amount;

    create table correction as
    select 'K1' as correction_id, 'applied' as correction_state, 'account' as entity, 'a' as entity_key, 'industry' as column_name;
    create table conflict as
    select
        'territory' as entity, 'crm' as source, date '2024-06-30' as extract_date, 'f' as lost_file, 3 as lost_line, 'f' as kept_file, 2 as kept_line;

    create table core.core_row_count as
    select 'job' as entity, 5 as loaded_lines, 5 as rows_of_lines, 5 as input_rows, 2 as version_rows, 1 as repeat_rows, 1 as conflict_rows, 1 as deletion_rows;

    create table fct_credit as
    select order_line_id, 'R1' as crm_user_id, 'originate' as credit_role, ordered_on as credited_on, 'acquirer' as reason, revenue_amount as credited_amount
    from fct_order_line
    union all
    select 'L1', 'R1', 'originate', '2024-03-01', 'write-off', -5
    union all
    select 'L1', 'R2', 'overlay', '2023-03-01', 'overlay', 25;
    create table core.core_refund as select 'L1' as order_line_id, 'L2' as refunded_order_line_id where false;
    create table core.core_write_off as
    select 'a' as payment_id, 'L1' as order_line_id, 'USD' as currency, cast(5 as decimal(18, 4)) as written_off_amount, 'f' as _file, 2 as _line;

    create table core.core_identity as select unnest(['R1', 'R2']) as delivered_crm_user_id, unnest(['R1', 'R2']) as crm_user_id;
    create table core.core_credit_adjustment as
    select
        'K' as adjustment_id, 'L2' as order_line_id, unnest(['R1', 'R2']) as crm_user_id, cast(55 as decimal(18, 4)) as sold_amount,
        cast(unnest([-55, 55]) as decimal(18, 4)) as moved_amount,
        cast(0 as decimal(18, 4)) as lacking_amount;
    insert into fct_credit
    select order_line_id, crm_user_id, 'originate', '2024-02-01', 'adjustment K', moved_amount from core.core_credit_adjustment;
    update core.core_credit_adjustment_history set order_line_id = 'L2', from_crm_user_id = 'R1', to_crm_user_id = 'unknown';

    create table fct_rep_cost (
        crm_user_id varchar, employee_number varchar, month_on date, fiscal_year integer, component varchar, currency varchar,
        cost_amount decimal(18, 4), cost_local_amount decimal(18, 4)
    );
    insert into fct_rep_cost values ('R1', 'E1', '2023-03-01', 2023, 'base', 'USD', 40, 40), ('R2', 'E2', '2024-02-01', 2024, 'base', 'USD', 20, 20);
    create table unattributed_cost (
        employee_number varchar, month_on date, component varchar, currency varchar, reason varchar,
        cost_amount decimal(18, 4), cost_local_amount decimal(18, 4)
    );
    insert into unattributed_cost values
        ('E3', '2023-03-01', 'base', 'USD', 'not a rep', 7, 7), ('E1', '2023-03-01', 'expenses', 'USD', 'rejected', 3, 3),
        ('unknown', '2024-01-01', 'tools', 'USD', 'no allocation rule', 1, 1), ('unknown', '2024-01-01', 'coaching', 'USD', 'nobody known was coached', 1, 1);
    create table core.core_pool_line as
    select 'USD' as currency, date '2024-01-01' as month_on, 1 as cost_amount, 1 as cost_local_amount, 'f' as _file, 2 as _line;
    create table core.core_coaching_line as select *, month_on as session_on from core.core_pool_line;
    create table core.core_cost_line as
    select crm_user_id, null as nobodys_reason, month_on, component, currency, cost_amount, cost_local_amount, 'f' as _file, 2 as _line,
        'pay_item' as entity
    from fct_rep_cost
    union all
    select null, reason, month_on, component, currency, cost_amount, cost_local_amount, 'f', 2, 'pay_item'
    from unattributed_cost
    where component in ('base', 'expenses');

    create table core.core_pay_gap as
    select 'R1' as crm_user_id, date '2024-02-01' as month_on, 2024 as fiscal_year, 'taxes' as component, 29 as days_employed;
    create table core.core_rep_cost as
    select crm_user_id, month_on, cast(extract(year from month_on) as integer) as fiscal_year, component, false as is_apart, cost_amount from fct_rep_cost;
    create table fct_clawback as
    select 'E1' as employee_number, date '2023-06-01' as period_start_on, 'CLAW' as item_code, -4 as pay_amount, 10 as commission_pay_amount;

    create table fct_opportunity as
    select 'a' as opportunity_id, 'a' as delivered_opportunity_id, 'USD' as currency, 10 as opportunity_amount, 10 as reporting_amount,
        true as is_closed, true as is_won, date '2023-06-30' as closed_on;
    create table fct_goal as
    select goal_id, 1 as goal_version, owner_type, cast(80 as decimal(18, 4)) as target_amount
    from (values ('G1', 'rep'), ('G2', 'company'), ('Q1', 'territory')) as goals(goal_id, owner_type);
    create table fct_seat as
    select *
    from (
        values
            ('T1', date '2023-01-01', 'R1', date '2023-07-01', 2), ('T1', date '2023-01-01', 'R2', date '2023-07-01', 2),
            ('T1', date '2023-07-01', 'unknown', date '9999-12-31', 0)
    ) as seats(territory_id, held_from_on, crm_user_id, held_to_on, holder_count);
    create table fct_seat_quota as
    select *
    from (
        values
            ('Q1', 1, date '2023-01-01', 'R1', 181, cast(20 as decimal(18, 4)), cast(30 as decimal(18, 4))), ('Q1', 1, date '2023-01-01', 'R2', 181, 20, 30),
            ('Q1', 1, date '2023-07-01', 'unknown', 184, 40, 40)
    ) as quotas(goal_id, goal_version, held_from_on, crm_user_id, day_count, quota_amount, actual_amount);
    create table dim_hierarchy as
    select 'manager' as hierarchy, 'R1' as descendant_id, 'M' as ancestor_id, 1 as depth, date '2020-01-01' as valid_from_on, date '9999-12-31' as valid_to_on;
    create table dim_account_owner as
    select 'A' as account_id, 'R1' as crm_user_id, date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on;
    create table dim_rep_group as
    select 'R1' as crm_user_id, date '0001-01-01' as valid_from_on, date '9999-12-31' as valid_to_on, 'T' as team_id, 'M' as manager_crm_user_id,
        'unknown' as territory_id;
    create table core.core_hierarchy as select *, 'R1 → M' as way, false as is_cycle from dim_hierarchy;
    create table fct_activity_daily as select 'R1' as crm_user_id, date '2024-01-01' as activity_on, 'call' as activity_type;
    create table fct_customer_value as
    select 'A' as account_id, date '2024-01-01' as month_on, true as is_over, cast(1200.0005 as decimal(18, 4)) as realised_ltv_amount;
    create table core.core_value_piece as
    select
        lens, 'book' as reading, 2023 as fiscal_year, 'R1' as crm_user_id, 'G' as team_id, 'G' as manager_crm_user_id, 'G' as territory_id,
        cast(1200.0005 as decimal(18, 4)) as revenue_amount
    from (select unnest(['as_sold', 'as_was', 'as_is']) as lens) as lenses;

    create table core.core_territory_tree as
    select lens, fiscal_year, 'G' as territory_id, 'G' as tree_territory_id
    from (select unnest(['as_sold', 'as_was', 'as_is']) as lens) as lenses
    cross join (select unnest([2023, 2024]) as fiscal_year) as years;

    create table rep_value (
        crm_user_id varchar, reading varchar, fiscal_year integer, age_months integer, lens varchar, basis varchar, value_measure varchar,
        cost_basis varchar, revenue_amount decimal(18, 4), customers_acquired integer, left_censored_customers integer,
        realised_ltv_amount decimal(18, 4), value_amount decimal(18, 4), cost_amount decimal(18, 4),
        direct_cost_amount decimal(18, 4), shared_cost_amount decimal(18, 4), management_cost_amount decimal(18, 4),
        net_value_amount decimal(18, 4), value_ratio double,
        ratio_withheld_reason varchar, standard_cost_level varchar, standard_cost_people integer
    );
    insert into rep_value by name
    select *, null as ratio_withheld_reason
    from (values
        ('R1', 'year', 2023, null, 'as_sold', 'nominal', 'revenue', 'actual', 100, null, null, null, 100, 40, 25, 10, 5, 60, 2.5),
        ('R2', 'year', 2024, null, 'as_sold', 'nominal', 'revenue', 'actual', 55, null, null, null, 55, 20, 5, 10, 5, 35, 2.75),
        ('R1', 'cohort', 2023, 12, 'as_sold', 'nominal', 'revenue', 'actual', null, 1, 1, 155, 155, 40, 25, 10, 5, 115, 3.875),
        ('R1', 'cohort', 2023, null, 'as_sold', 'nominal', 'revenue', 'actual', null, 1, 1, 155, 155, 40, 25, 10, 5, 115, 3.875),
        ('R1', 'book', 2023, null, 'as_sold', 'nominal', 'revenue', 'actual', null, null, null, 100, 100, 40, 25, 10, 5, 60, 2.5),
        ('R1', 'career', null, null, 'as_sold', 'nominal', 'revenue', 'actual', null, 1, 1, 155, 155, 40, 25, 10, 5, 115, 3.875),
        ('R2', 'career', null, null, 'as_sold', 'nominal', 'revenue', 'actual', null, 0, 0, 0, 0, 20, 5, 10, 5, -20, 0)
    ) as rows(
        crm_user_id, reading, fiscal_year, age_months, lens, basis, value_measure, cost_basis, revenue_amount, customers_acquired,
        left_censored_customers, realised_ltv_amount, value_amount, cost_amount, direct_cost_amount, shared_cost_amount,
        management_cost_amount, net_value_amount, value_ratio
    );

    insert into rep_value
    select * replace (lenses.lens as lens) from rep_value cross join (select unnest(['as_was', 'as_is']) as lens) as lenses;

    create table group_value as
    select
        kinds.group_type, 'G' as group_id,
        * exclude (crm_user_id, ratio_withheld_reason, standard_cost_level, standard_cost_people)
        replace (round(value_amount / cost_amount, 6) as value_ratio)
    from (select unnest(['team', 'manager', 'territory', 'territory_tree', 'company']) as group_type) as kinds
    cross join rep_value
    where reading <> 'career' or crm_user_id = 'R1';
    insert into rep_value
    select
        * replace (
            'standard' as cost_basis, case reading when 'career' then 'years' else 'role' end as standard_cost_level,
            case when reading <> 'career' then 5 end as standard_cost_people
        )
    from rep_value where reading <> 'book';
    update group_value set group_id = 'company' where group_type = 'company';
    update group_value set cost_amount = 60, direct_cost_amount = 45, net_value_amount = 95, value_ratio = round(155 / 60, 6) where reading = 'career';

    create table segment_value as
    select
        kinds.segment_type, case when is_pair then 'S × S' else 'S' end as segment, 'S' as first_segment, case when is_pair then 'S' end as second_segment,
        reading, fiscal_year, age_months, lens, basis, value_measure, revenue_amount, customers_acquired, realised_ltv_amount, value_amount, cost_amount,
        value_ratio, case when reading = 'year' and lens = 'as_sold' then cost_amount end as next_key_cost_amount,
        case when reading = 'year' and lens = 'as_sold' then value_ratio end as next_key_value_ratio,
        cost_amount as standard_cost_amount, value_ratio as standard_value_ratio
    from (
        values
            ('region', false), ('industry', false), ('acquisition_method', false),
            ('region_industry', true), ('industry_acquisition_method', true), ('region_acquisition_method', true)
    ) as kinds(segment_type, is_pair)
    cross join group_value
    where group_type = 'company' and reading <> 'book' and (lens = 'as_sold' or segment_type = 'region');
    insert into segment_value by name
    select
        * replace (
            case when second_segment is null then 'T' else 'S × T' end as segment, case when second_segment is null then 'T' else 'S' end as first_segment,
            case when second_segment is not null then 'T' end as second_segment,
            0 as revenue_amount, 0 as value_amount, 5 as cost_amount, 0 as value_ratio, 5 as next_key_cost_amount, 0 as next_key_value_ratio,
            5 as standard_cost_amount, 0 as standard_value_ratio
        )
    from segment_value
    where contains(segment_type, 'acquisition_method') and reading = 'year' and fiscal_year = 2023;

    create table customer_lifetime_value as
    select 'A' as account_id, 'nominal' as basis, 'inferred' as acquisition_basis, cast(155 as decimal(18, 4)) as realised_ltv_amount;

    create table goal_attainment as
    select
        goals.*, lenses.lens, 'nominal' as basis,
        date '2023-01-01' as period_start_on, date '2024-01-01' as period_end_on,
        cast(80 as decimal(18, 4)) as target_amount, cast(100 as decimal(18, 4)) as actual_amount, 125.0 as attainment_pct
    from (values ('G1', 1, 'rep', 'R1'), ('G2', 1, 'company', null), ('Q1', 1, 'territory', null)) as goals(goal_id, goal_version, owner_type, crm_user_id)
    cross join (select unnest(['as_sold', 'as_was', 'as_is']) as lens) as lenses;

    create table pay_reconciliation as
    select
        crm_user_id, component, currency, cast(extract(year from month_on) as integer) as fiscal_year, cost_amount as earned_amount,
        cost_local_amount as earned_local_amount, 0 as unpaid_amount, 0 as unpaid_local_amount, 0 as earned_before_amount,
        0 as earned_before_local_amount, cost_amount as paid_amount, cost_local_amount as paid_local_amount
    from fct_rep_cost;

    create table ledger_tie as
    select
        date '2023-03-01' as month_on, 'S' as cost_centre, 'payroll' as ledger_kind, 'USD' as currency, 40 as books_amount, 40 as payroll_amount,
        0 as expenses_amount, 0 as marketing_amount, 0 as files_less_books_amount, 0 as not_in_books_amount, 0 as not_in_files_amount,
        0 as other_cost_centre_amount;
    create table deal_funnel as select 'company' as cut_type, 2023 as fiscal_year, 'nominal' as basis, cast(90 as decimal(18, 4)) as won_amount;
    create table contract_value as select 2023 as fiscal_year, 'nominal' as basis, cast(unnest([60, 40]) as decimal(18, 4)) as bookings_amount;
    create table deal_bridge as
    select 2023 as fiscal_year, 'nominal' as basis, steps.*
    from (
        values
            ('won', 1, cast(90 as decimal(18, 4))), ('changed after the win', 3, -10), ('without a deal', 9, 20), ('booked', 12, 100),
            ('partner share', 13, -5), ('net', 14, 95)
    ) as steps(bridge_step, step_number, bridge_amount);
    create table credit_policy_comparison as
    select
        'R1' as crm_user_id, 2023 as fiscal_year, unnest(['acquirer', 'owner', 'split', 'handover']) as policy, 'nominal' as basis,
        cast(95 as decimal(18, 4)) as credited_amount;

    create table tenure_value as
    select *, cast(null as varchar) as ratio_withheld_reason
    from (values ('R1', 1, 'nominal', 100, 40, 2.5), ('R2', 1, 'nominal', 55, 20, 2.75))
        as tenures(crm_user_id, tenure_year, basis, revenue_amount, cost_amount, value_ratio);

    create table like_for_like as
    select
        2024 as fiscal_year, 'everyone' as population, 'nominal' as basis, 55 as revenue_amount, 100 as before_revenue_amount, 20 as cost_amount,
        40 as before_cost_amount, 2.75 as value_ratio;

    create table ratio_bridge as
    select
        case when holder_id = 'company' then 'company' else 'team' end as holder_type, holder_id, 2024 as fiscal_year, steps.*
    from (select unnest(['G', 'company']) as holder_id) as holders
    cross join (values
        (1, 'exchange', 0.0, 0.0, 0.0, 2.5, 0.0, 2.5),
        (2, 'price', 5.00, 0.0, 0.0, 2.5, 0.125, 2.625),
        (3, 'mix', 0.0, 0.0, 0.0, 2.625, 0.0, 2.625),
        (4, 'retention', -50.0, 0.0, 0.0, 2.625, -1.25, 1.375),
        (5, 'volume', 0.0, 1.0, 0.0, 1.375, 0.0, 1.375),
        (6, 'cost', 0.0, 0.0, -20.00, 1.375, 1.375, 2.75)
    ) as steps(
        step_number, step, value_change_amount, unsplit_amount, cost_change_amount, from_ratio, change_ratio, to_ratio
    );

    create table tie_out as select 'reps = company' as tie_out, true as is_tied;

    create table company_revenue (
        fiscal_year integer, channel varchar, basis varchar, revenue_amount decimal(18, 4), order_count bigint, declared_amount decimal(18, 4)
    );
    insert into company_revenue
    values (2023, 'rep', 'nominal', 100, 1, null), (2024, 'rep', 'nominal', 55, 1, null), (2024, 'partner', 'nominal', 0, 0, 9);
"""
