"""What the restatement reads: of two publications, and of the warehouse what they don't say.

Belongs here: the views that the steps read, the cells that changed. Doesn't: what moved them (`restating/`), which figures (`restated_figures`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.landing.declarations import standard_entities
from orchestration.landing.readers import glob_literal, literal
from orchestration.publication.manifest import Publication, PublishedTable
from orchestration.publication.restated_figures import FIGURES, Figures
from orchestration.settings import BASES

if TYPE_CHECKING:
    import duckdb

_LINE = (
    "order_line_id, account_id, delivered_account_id, crm_user_id, delivered_crm_user_id, territory_id, ordered_on, fiscal_year, channel, currency,"
    " booked_amount - coalesce(partner_amount, 0) as net_amount, refunds_order_line_id, booked_amount, partner_amount, term_months, quantity, order_id,"
    " opportunity_id, delivered_opportunity_id"
)
_DEAL = (
    "opportunity_id, account_id, owner_crm_user_id, is_closed, is_won, opportunity_type, created_on, closed_on, opportunity_amount, currency, reporting_amount"
)
_SOLD = ("revenue_amount", "gross_margin_amount")
_SHARE = "order_line_id, crm_user_id, split_pct"
_COST = "crm_user_id, employee_number, month_on, fiscal_year, component, currency, cost_local_amount"


def _column(amount: str, basis: str) -> str:
    """The column that has an amount in the money of a basis."""
    return amount if basis == BASES[0] else f"{basis}_{amount}"


def _all_of(*amounts: str) -> str:
    return ", ".join(_column(amount, basis) for basis in BASES for amount in amounts)


def _a_row_each(*amounts: str, bases: Iterable[str] = BASES) -> str:
    """An expression that makes of each row one for every basis."""
    told = (", ".join([f"'basis': '{basis}'", *(f"'{amount}': {_column(amount, basis)}" for amount in amounts)]) for basis in bases)
    return f"unnest([{', '.join(f'{{{one}}}' for one in told)}], recursive := true)"


def _told(*amounts: str) -> str:
    """The same, for a text whose relations are put in later."""
    return _a_row_each(*amounts).replace("{", "{{").replace("}", "}}")


_NO_PAYMENT = """
    select cast(null as varchar) as payment_id, cast(null as varchar) as order_line_id, cast(null as varchar) as order_id, cast(null as varchar) as currency,
        cast(null as date) as invoiced_on, cast(null as date) as collected_on, cast(null as date) as written_off_on, 0 as invoiced_amount,
        0 as collected_amount, 0 as written_off_amount
    where false
"""
# What came on no known day came when it was first told.
_PAYMENT = """
    select
        payment_id, order_line_id, order_id, currency, invoiced_amount, collected_amount, written_off_amount,
        if(invoiced_amount <> 0, coalesce(invoiced_on, begun_on), null) as invoiced_on,
        if(collected_amount <> 0, coalesce(collected_on, begun_on), null) as collected_on,
        if(written_off_amount <> 0, coalesce(written_off_on, begun_on), null) as written_off_on
    from ({}) as told
"""
_NOTHING_TOLD = {
    "spend_then": "select 'x' as marketing_spend_id, 'x' as acquisition_method, date '1900-01-01' as month_on, 0 as spend_amount, 'x' as currency limit 0",
    "spend_now": "select 'x' as marketing_spend_id, 'x' as acquisition_method, date '1900-01-01' as month_on, 0 as spend_amount, 'x' as currency limit 0",
    "listed_order_line": "select order_line_id from new.order_line limit 0",
    "merged_opportunity": "select opportunity_id from new.opportunity limit 0",
    "told_person": "select 'x' as because, date '1900-01-01' as since_on limit 0",
    "cost_news": """
        select 'x' as component, 'x' as employee_number, 'x' as coached_by, date '1900-01-01' as from_on, date '1900-01-01' as to_on, 'x' as because limit 0
    """,
    "revenue_pool": "select 'x' as component, date '1900-01-01' as month_on limit 0",
    "carried_cost": """
        select 'x' as component, 'x' as from_crm_user_id, 'x' as from_employee_number, 'x' as employee_number, date '1900-01-01' as month_on limit 0
    """,
    "retold_rate": "select 'x' as basis, 'x' as currency, date '1900-01-01' as from_on, date '1900-01-01' as to_on, 0 as change limit 0",
}
_SPEND = """
    select
        spend.marketing_spend_id, coalesce(spend.acquisition_method, campaigns.acquisition_method, 'unknown') as acquisition_method, spend.month_on,
        spend.spend_amount, spend.currency
    from ({}) as spend
    left join (
        select campaign_id, acquisition_method from warehouse.core.core_campaign_history where is_last_known
    ) as campaigns on spend.campaign_id = campaigns.campaign_id
"""
# What the parts of cost are made of that no line of pay or expenses is: told since, for whom and when it holds.
_COST_NEWS = """
    select pool_kind as component, cast(null as varchar) as employee_number, cast(null as varchar) as coached_by, month_on as from_on,
        cast(month_on + interval 1 month as date) as to_on,
        if(min(known_from_on) over (partition by {cost_pool}) > getvariable('from_as_of'), 'late', 'corrected') as because
    from warehouse.core.core_cost_pool_history
    qualify {since}
    union all
    select pool_kind, null, null, valid_from_on, valid_to_on, 'rule' from warehouse.core.core_allocation_rule_history where {since}
    union all
    select null, null, coached_by, session_on, session_on + 1,
        if(min(known_from_on) over (partition by {coaching}) > getvariable('from_as_of'), 'late', 'corrected')
    from warehouse.core.core_coaching_history
    qualify {since}
    union all
    select 'paid_leave', employee_number, null, starts_on, coalesce(ends_on, date '9999-12-31'),
        if(min(known_from_on) over (partition by {absence}) > getvariable('from_as_of'), 'late', 'corrected')
    from warehouse.core.core_absence_history
    qualify {since}
"""
_CARRIED_COST = """
    select distinct '{part}' as component, from_crm_user_id, from_employee_number, unnest([employee_number, from_employee_number]) as employee_number, month_on
    from warehouse.core.core_{part}_share
"""
_TOLD_PERSON = """
    select
        if(min(known_from_on) over (partition by {key}) > getvariable('from_as_of'), 'late', 'corrected') as because,
        {since_on} as since_on
    from warehouse.core.core_{entity}_history as {entity}
    qualify {since}
"""
_PERSONS = (
    ("employee", "employee.employee_number", "valid_from_on"),
    ("job", "job.employee_number", "valid_from_on"),
    ("absence", "employee_number, absence_type, starts_on", "starts_on"),
)
"""What is told of a person, by whom it is one thing, and since when it says so."""
_RETOLD_RATE = """
    with
        code as (
            select max(told.index_code) as index_code
            from warehouse.core.core_price_index_history as told
            inner join warehouse.core.core_price_index as prices on told._file = prices._file and told._line = prices._line
        ),

        then_told as (select prices.month_on, prices.index_value from ({prices}) as prices inner join code on prices.index_code = code.index_code),

        months as (
            select months.month_on, months.base_month_on, months.deflator, told.index_value
            from warehouse.core.core_price_index as months
            asof left join then_told as told on months.month_on >= told.month_on
        ),

        base as (select index_value from months where month_on = base_month_on),

        rates as (
            select from_currency, rate_on, rate, known_from_on, lead(rate_on, 1, date '9999-12-31') over (partition by from_currency order by rate_on) as to_on
            from warehouse.core.core_fx_rate_history
            where is_last_known
        ),

        changed as (
            select rates.from_currency, rates.rate_on, rates.to_on, cast(coalesce(1 - cast(before.rate as double) / rates.rate, 1) as decimal(18, 6)) as change
            from (select * from rates where {since}) as rates
            left join ({rates}) as before on rates.from_currency = before.from_currency and rates.rate_on = before.rate_on
        )
    select 'real' as basis, null as currency, months.month_on as from_on, cast(months.month_on + interval 1 month as date) as to_on,
        cast(coalesce(1 - cast(base.index_value as double) / months.index_value / months.deflator, 1) as decimal(18, 6)) as change
    from months
    cross join base
    where months.index_value is null or abs(cast(base.index_value as double) / months.index_value - months.deflator) > 0.00000001
    union all
    select unnest(['nominal', 'real']), from_currency, rate_on, to_on, change from changed
    union all
    select 'constant', from_currency, date '1900-01-01', date '9999-12-31', max(change) from changed group by from_currency
"""
_CUSTOMER = """
    select
        customers.account_id, coalesce(customers.acquiring_crm_user_id, 'unknown') as acquirer, customers.acquired_on, days.fiscal_year as acquired_year,
        customers.industry, customers.acquisition_method, customers.account_region, lifetimes.region as won_region
    from {dim_customer} as customers
    left join {customer_lifetime_value} as lifetimes on customers.account_id = lifetimes.account_id and lifetimes.basis = 'nominal'
    left join {dim_date} as days on customers.acquired_on = days.date_on
"""
_VIEWS: Mapping[str, str] = {
    "basis": "select distinct basis from {company_revenue}",
    "order_line": f"select {_LINE}, {_all_of(*_SOLD)} from {{fct_order_line}}",
    "odd_order_line": f"select {_LINE}, {_all_of(*_SOLD)} from {{odd}}",
    "line_in_basis": f"select {_LINE}, {_told(*_SOLD)} from {{fct_order_line}}",
    "odd_credit": "select * from {odd_credit}",
    "revenue_share": f"select {_SHARE}, {_all_of(*_SOLD)} from {{fct_revenue_share}}",
    "share_in_basis": f"select {_SHARE}, {_told(*_SOLD)} from {{fct_revenue_share}}",
    # A publication without the year in its key is too old.
    "rep_cost": f"select {_COST}, {_told('cost_amount')} from {{fct_rep_cost}}",
    "cost_version": "select version from {dim_metric} where metric = 'rep_cost' and is_in_use",
    "day": "select date_on, fiscal_year from {dim_date}",
    "customer": _CUSTOMER,
    "metric_in_use": "select metric, version from {dim_metric} where is_in_use",
    "territory": "select territory_id, territory_name from {dim_territory}",
    "rep_group": "select crm_user_id, valid_from_on, valid_to_on, team_id, manager_crm_user_id, territory_id from {dim_rep_group}",
    "account_owner": "select account_id, crm_user_id, valid_from_on, valid_to_on from {dim_account_owner}",
    "goal": "select goal_id, goal_version, owner_type, owner_id, metric, period_start_on, period_end_on from {fct_goal}",
    "hierarchy": "select descendant_id, ancestor_id, valid_from_on, valid_to_on from {dim_hierarchy} where hierarchy = 'territory'",
    "fiscal_period": "select * from {dim_fiscal_period}",
    "opportunity": f"select {_DEAL} from {{fct_opportunity}}",
    "odd_opportunity": f"select {_DEAL} from {{odd_opportunity}}",
    "segment": "select segment_type, segment, second_segment from {segment_value}",
    "measure": "select distinct value_measure from {rep_value}",
    "id_alias": "select id_kind, alias_id, shown_id from {id_alias}",
    "territory_cell": """
        select 'group_type=territory, group_id=' || group_id as holder, reading, fiscal_year, age_months, lens, basis, value_measure, unnest([
            'revenue_amount', 'tcv_amount', 'realised_ltv_amount', 'value_amount', 'cost_amount', 'direct_cost_amount', 'shared_cost_amount',
            'management_cost_amount'
        ]) as column_name, unnest([
            revenue_amount, tcv_amount, realised_ltv_amount, value_amount, cost_amount, direct_cost_amount, shared_cost_amount, management_cost_amount
        ]) as amount
        from {group_value}
        where group_type = 'territory'
    """,
    "closed": """
        select month_on, end_on
        from (select *, coalesce(lead(month_on) over (order by month_on), last_day(month_on) + 1) as end_on from {period_status}) as months
        where period_state = 'closed'
    """,
}
"""What the lines are read from, on either side."""
NEEDED = frozenset(("fct_order_line", "fct_revenue_share", "fct_goal", "id_alias", "period_status", "fct_opportunity", *FIGURES))
NEEDED |= frozenset(f"dim_{name}" for name in ("metric", "customer", "date", "territory", "rep_group", "account_owner", "hierarchy", "fiscal_period"))


@dataclass(frozen=True)
class Side:
    """One of the two publications. tables: by name."""

    folder: Path
    publication: Publication

    @property
    def tables(self) -> Mapping[str, PublishedTable]:
        return {table.name: table for table in self.publication.tables}


def views(side: Side, other: Side) -> Mapping[str, str]:
    """What one of the two says, by the name under which the steps read it."""
    relations = {name: _relation(table.paths(side.folder)) for name, table in side.tables.items() if name in NEEDED}
    for name, called in (("fct_order_line", "odd"), ("fct_credit", "odd_credit"), ("fct_opportunity", "odd_opportunity")):
        relations[called] = _relation(side.tables[name].odd_paths(other.tables[name], side.folder)) or f"(from {relations[name]} limit 0)"
    return {name: sql.format(**relations) for name, sql in _VIEWS.items()}


def warehouse_views(connection: "duckdb.DuckDBPyConnection", warehouse: Path) -> Mapping[str, str]:
    """What the warehouse alone knows: each delivered line of cost and when it was first told, payments then and now, lines told again."""
    if not warehouse.exists():
        return {
            "cost": "select *, cast(null as date) as first_told_on from new.rep_cost limit 0",
            "told_order_line": "select order_line_id from new.order_line limit 0",
            "payment_then": _NO_PAYMENT,
            "payment_now": _NO_PAYMENT,
            **_NOTHING_TOLD,
        }
    connection.execute(f"attach {literal(str(warehouse))} as warehouse (read_only)")
    told = " union all ".join(
        f"""
        select _source, _file, _line, first_told_on
        from warehouse.core.core_{entity}_history
        inner join (
            select {_key_of(entity)}, min(known_from_on) as first_told_on
            from warehouse.core.core_{entity}_history
            group by all
            having min(known_from_on) > getvariable('from_as_of')
        ) as firsts using ({_key_of(entity)})
        where known_to_on = date '9999-12-31' and valid_to_on = known_to_on
        """
        for entity in ("pay_item", "expense_line")
    )
    known = connection.execute("select column_name from duckdb_columns() where database_name = 'warehouse' and table_name = 'core_cost_line'").fetchall()
    amounts = _a_row_each("cost_amount", bases=[basis for basis in BASES if (_column("cost_amount", basis),) in known])
    since = "known_from_on > getvariable('from_as_of') and known_from_on <= getvariable('to_as_of')"
    return {
        "cost": f"select {_COST}, {amounts}, first_told_on from warehouse.core.core_cost_line inner join ({told}) as told using (_source, _file, _line)",
        "told_order_line": f"select distinct order_line_id from warehouse.core.core_order_line_history where {since}",
        "payment_then": _PAYMENT.format(_known("payment", "from_as_of")),
        "payment_now": _PAYMENT.format(_known("payment", "to_as_of")),
        "spend_then": _SPEND.format(_known("marketing_spend", "from_as_of")),
        "spend_now": _SPEND.format(_known("marketing_spend", "to_as_of")),
        "listed_order_line": "select order_line_id from warehouse.core.core_order_line where list_reporting_amount is not null",
        "merged_opportunity": "select from_id as opportunity_id from warehouse.core.core_crosswalk where id_kind = 'opportunity'",
        "cost_news": _COST_NEWS.format(since=since, **{name: _key_of(name) for name in ("cost_pool", "coaching", "absence")}),
        "revenue_pool": "select distinct component, month_on from warehouse.core.core_pool_line where allocation_key not in ('headcount', 'full_time')",
        "carried_cost": " union all ".join(_CARRIED_COST.format(part=part) for part in ("coaching", "management")),
        "told_person": " union all ".join(_TOLD_PERSON.format(entity=entity, since=since, key=key, since_on=since_on) for entity, key, since_on in _PERSONS),
        "retold_rate": _RETOLD_RATE.format(prices=_known("price_index", "from_as_of"), rates=_known("fx_rate", "from_as_of"), since=since),
    }


def _key_of(entity: str) -> str:
    return ", ".join(standard_entities()[entity].key)


def _known(entity: str, day: str) -> str:
    """The rows that the extracts until a day tell, as they stood then."""
    return f"""
        select * from warehouse.core.core_{entity}_history
        where known_from_on <= getvariable('{day}') and getvariable('{day}') < least(known_to_on, coalesce(known_open_to_on, known_to_on))
    """


def _relation(paths: list[Path]) -> str:
    files = ", ".join(literal(glob_literal(path)) for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)" if paths else ""


def cells(left: Side, right: Side) -> str:
    """Each restated cell that is not the same, its row called as `explain` takes it: the keys that are not null."""
    return " union all ".join(_changed(name, left, right, one) for name, figures in FIGURES.items() for one in figures)


def _changed(name: str, left: Side, right: Side, figures: Figures) -> str:
    before, after = left.tables[name], right.tables[name]
    # A table with the same bytes has no other cell, nor has a month of one that is published by month.
    paths = [before.odd_paths(after, left.folder), after.odd_paths(before, right.folder)]
    either = "coalesce(a.{0}, b.{0})".format
    same_key = " and ".join(f"a.{one} is not distinct from b.{one}" for one in after.key)
    key = ", ".join(f"'{one}=' || {either(one)}" for one in after.key)
    differs = " or ".join(f"a.{column} is distinct from b.{column}" for column in figures.columns)
    told = ", ".join(f"[cast(a.{column} as decimal(18, 4)), cast(b.{column} as decimal(18, 4))]" for column in figures.columns)
    row = ", ".join([*(f"{either(one)} as {one}" for one in after.key), *(f"[a.{one}, b.{one}] as {one}" for one in figures.beside)])
    names, kinds = (f"[{', '.join(map(literal, told))}]" for told in (figures.columns, figures.kinds))
    sides = (_relation(some) or f"(from {_relation(side.tables[name].paths(side.folder))} limit 0)" for some, side in zip(paths, (left, right), strict=True))
    beside = "".join(f", {sql} as {one}" for one, sql in figures.beside.items() if sql != one)
    old, new = (f"(select *{beside} from {relation} where {figures.where})" for relation in sides)
    return f"""
        select
            '{name}' as table_name, row_key, unnest({names}) as column_name, unnest(told) as amounts, has_come, has_gone,
            cast({kinds} as varchar[]) as kinds, cast({figures.holders} as varchar[]) as holders, {figures.reading} as reading, {figures.lens} as lens,
            {figures.basis} as basis,
            cast({figures.fiscal_years} as integer[]) as fiscal_years
        from (
            select
                {row}, concat_ws(', ', {key}) as row_key, [{told}] as told, a.{after.key[0]} is null as has_come,
                b.{after.key[0]} is null as has_gone
            from {old} as a
            full join {new} as b on {same_key}
            where {differs}
        ) as changed
    """
