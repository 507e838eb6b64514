-- What was sold, by who sold it and, through the lenses that read a day, by who owned the account then; in the groups of the day.
create temp table sold_by as
with
    sellers as (
        select basis, 'as_sold' as lens, because, is_closed, fiscal_year, ordered_on, ordered_on as read_on, groups, crm_user_id, revenue_amount, gross_margin_amount
        from shared
        union all
        select
            placed.basis, lenses.lens, placed.because, placed.is_closed, placed.fiscal_year, placed.ordered_on, lenses.read_on, placed.groups,
            coalesce(owners.crm_user_id, 'unknown'), placed.sign * placed.revenue_amount, placed.sign * placed.gross_margin_amount
        from placed
        inner join lens_day as lenses
            on lenses.lens <> 'as_sold' and placed.groups = lenses.groups and placed.fiscal_year = lenses.fiscal_year
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and lenses.read_on >= owners.valid_from_on
            and lenses.read_on < owners.valid_to_on
    )
select
    sellers.*,
    coalesce(groups.team_id, 'unknown') as team_id,
    coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(groups.territory_id, 'unknown') as territory_id
from sellers
left join group_side as groups
    on sellers.groups = groups.groups
    and sellers.crm_user_id = groups.crm_user_id
    and sellers.read_on >= groups.valid_from_on
    and sellers.read_on < groups.valid_to_on;

-- By whoever holds a reading, what moved in it; without a lens, through each.
create temp table held as
with
    won_in_group as (
        select won.*, lenses.lens, unnest(map_entries(group_kinds(
            coalesce(groups.team_id, 'unknown'), coalesce(groups.manager_crm_user_id, 'unknown'), coalesce(groups.territory_id, 'unknown')
        ))) as kind
        from won
        inner join lens_day as lenses on won.groups = lenses.groups and won.acquired_year = lenses.fiscal_year
        left join group_side as groups
            on won.groups = groups.groups
            and won.acquirer = groups.crm_user_id
            and coalesce(lenses.read_on, won.acquired_on) >= groups.valid_from_on
            and coalesce(lenses.read_on, won.acquired_on) < groups.valid_to_on
    ),

    sold as (
        select basis, because, is_closed, fiscal_year, region, industry, acquisition_method, sum(sign * revenue_amount) as revenue_amount,
            sum(sign * gross_margin_amount) as gross_margin_amount
        from placed
        group by 1, 2, 3, 4, 5, 6, 7
    )
select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, lens, 'year' as reading, fiscal_year, null as age_months, basis, because, is_closed,
    revenue_amount, gross_margin_amount, 0 as cost_amount
from sold_by
union all
select table_name, holder, lens, reading, fiscal_year, age_months, basis, because, is_closed, 0, 0, cost_amount from spent
union all
select 'rep_value', 'crm_user_id=' || acquirer, null, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year, age_months, basis, because,
    is_closed, revenue_amount, gross_margin_amount, 0
from won
union all
select 'group_value', 'group_type=company, group_id=company', null, 'year', fiscal_year, null, basis, because, is_closed, revenue_amount, gross_margin_amount, 0
from sold
union all
select 'group_value', 'group_type=company, group_id=company', null, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year, age_months,
    basis, because, is_closed, revenue_amount, gross_margin_amount, 0
from won
union all
select 'group_value', group_called(kind.key, kind.value), lens, 'year', fiscal_year, null, basis, because, is_closed, revenue_amount, gross_margin_amount, 0
from (select *, unnest(map_entries(group_kinds(team_id, manager_crm_user_id, territory_id))) as kind from sold_by) as sold_in_group
union all
select 'group_value', group_called(kind.key, kind.value), lens, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year, age_months,
    basis, because, is_closed, revenue_amount, gross_margin_amount, 0
from won_in_group
union all
select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', 'year', fiscal_year, null, basis, because, is_closed, revenue_amount,
    gross_margin_amount, 0
from (
    select *, unnest(map_entries(map {
        'region': region,
        'industry': industry,
        'acquisition_method': acquisition_method,
        'region_industry': replace(region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
        'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
        'region_acquisition_method': replace(region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
    })) as cut
    from sold
) as sold_cut
union all
select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year,
    age_months, basis, because, is_closed, revenue_amount, gross_margin_amount, 0
from (
    select *, unnest(map_entries(map {
        'region': won_region,
        'industry': industry,
        'acquisition_method': acquisition_method,
        'region_industry': replace(won_region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
        'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
        'region_acquisition_method': replace(won_region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
    })) as cut
    from won
) as won_cut;

-- What moved in the sums that goals are measured by, as sold: of who sold, the team that they were in, the territory of the order. A goal that one
-- side alone knows is not looked at line by line, nor is one that is another's or of other days now: all of its change is the goal's own.
create temp table reached as
with
    goals as (select * from old.goal intersect select * from new.goal),

    events as (
        select basis, kind.key as owner_type, kind.value as owner_id, because, is_closed, ordered_on, revenue_amount, gross_margin_amount
        from (select *, unnest(map_entries(map {'rep': crm_user_id, 'team': team_id})) as kind from sold_by where lens = 'as_sold') as sold
        union all
        select basis, unnest(['company', 'territory']), unnest(['company', territory_id]), because, is_closed, ordered_on, sign * revenue_amount, sign * gross_margin_amount
        from placed
    )
select goals.goal_id, goals.goal_version, events.basis, events.because, events.is_closed,
    if(goals.metric = 'revenue', events.revenue_amount, events.gross_margin_amount) as actual_amount
from events
inner join goals
    on events.owner_type = goals.owner_type
    and events.owner_id = goals.owner_id
    and events.ordered_on >= goals.period_start_on
    and events.ordered_on < goals.period_end_on
where goals.metric in ('revenue', 'gross_margin');

-- What moved in each published cell, under the text by which a row is called.
create temp table moved_cell as
with
    lenses as (select unnest(['as_sold', 'as_was', 'as_is']) as lens),

    measures as (select unnest(['revenue', 'gross_margin']) as value_measure),

    figures as (
        select
            held.table_name,
            held.holder
            || ', reading=' || held.reading
            || if(held.reading = 'career', '', ', fiscal_year=' || held.fiscal_year)
            || if(held.age_months is null, '', ', age_months=' || held.age_months)
            || ', lens=' || lenses.lens
            || ', basis=' || held.basis || ', value_measure=' || measures.value_measure
            || if(held.table_name = 'segment_value', '', ', cost_basis=actual') as row_key,
            held.reading,
            held.because,
            held.is_closed,
            held.revenue_amount,
            if(measures.value_measure = 'revenue', held.revenue_amount, held.gross_margin_amount) as value_amount,
            held.cost_amount
        from held
        cross join measures
        inner join lenses on held.lens is null or held.lens = lenses.lens
    )
select
    table_name, row_key, unnest([if(reading = 'year', 'revenue_amount', 'realised_ltv_amount'), 'value_amount', 'cost_amount', 'net_value_amount']) as column_name,
    because, is_closed,
    unnest([if(reading = 'year', revenue_amount, value_amount), value_amount, cost_amount, value_amount - cost_amount]) as amount
from figures
union all
select 'goal_attainment', 'goal_id=' || goal_id || ', goal_version=' || goal_version || ', lens=as_sold, basis=' || basis, 'actual_amount', because, is_closed,
    actual_amount
from reached
union all
select
    'goal_attainment', cells.row_key, 'actual_amount', if(a.owner_type = 'rep' and alias.shown_id = b.owner_id, 'merged', 'corrected'), null,
    unnest([- before.amount, cells.amount])
from old.goal as a
inner join new.goal as b on a.goal_id = b.goal_id and a.goal_version = b.goal_version and a is distinct from b
cross join basis as bases
inner join new.cell as cells
    on cells.table_name = 'goal_attainment'
    and cells.row_key = 'goal_id=' || b.goal_id || ', goal_version=' || b.goal_version || ', lens=as_sold, basis=' || bases.basis
inner join old.cell as before on before.table_name = cells.table_name and before.row_key = cells.row_key
left join alias on alias.id_kind = 'crm_user' and a.owner_id = alias.alias_id
union all
-- What a goal that was not there had reached, or one that is there no more.
select table_name, row_key, column_name, if(sign > 0, 'new', 'corrected'), null, sign * amount
from (
    select 1 as sign, * from new.cell anti join old.cell using (table_name, row_key, column_name)
    union all
    select -1, * from old.cell anti join new.cell using (table_name, row_key, column_name)
) as of_one_side
where table_name = 'goal_attainment'
union all
select
    'fct_credit',
    'order_line_id=' || order_line_id || ', crm_user_id=' || crm_user_id || ', credit_role=' || credit_role || ', credited_on=' || credited_on || ', reason='
    || reason,
    'credited_amount', because,
    exists (select 1 from old.closed as closed where credited_on >= closed.month_on and credited_on < closed.end_on), credited_amount
from credit_step
union all
select 'company_revenue', 'fiscal_year=' || fiscal_year || ', channel=' || channel || ', basis=' || basis, 'revenue_amount', because, is_closed,
    sign * revenue_amount
from placed
union all
select 'customer_lifetime_value', 'account_id=' || account_id || ', basis=' || basis, unnest(['realised_ltv_amount', 'realised_margin_amount']), because, is_closed,
    sign * unnest([revenue_amount, gross_margin_amount])
from placed
union all
select
    'fct_rep_cost',
    'crm_user_id=' || crm_user_id || ', employee_number=' || employee_number || ', month_on=' || month_on || ', fiscal_year=' || fiscal_year || ', component='
    || component || ', currency=' || currency,
    unnest([if(basis = 'nominal', '', basis || '_') || 'cost_amount', 'cost_local_amount']), because, is_closed,
    unnest([cost_amount, if(basis = 'nominal', cost_local_amount, 0)])
from cost_step
where told = 'row';

-- What the published cells themselves say, of those that are sums of lines; one that either side doesn't know has no change.
create temp table cell_change as
select coalesce(a.table_name, b.table_name) as table_name, coalesce(a.row_key, b.row_key) as row_key, coalesce(a.column_name, b.column_name) as column_name,
    coalesce(b.amount, 0) - coalesce(a.amount, 0) as change_amount
from old.cell as a
full join new.cell as b on a.table_name = b.table_name and a.row_key = b.row_key and a.column_name = b.column_name
where (a.table_name is null or a.amount is not null) and (b.table_name is null or b.amount is not null);

create temp table restated as
with
    explained as (
        select table_name, row_key, column_name, because as cause, sum(amount) as change_amount,
            sum(case when is_closed then amount when not is_closed then 0 end) as closed_change_amount
        from moved_cell
        semi join cell_change using (table_name, row_key, column_name)
        group by 1, 2, 3, 4
    ),

    rest as (
        select table_name, row_key, column_name, getvariable('rest') as cause, change_amount - coalesce(told_amount, 0) as change_amount,
            null as closed_change_amount
        from cell_change
        left join (select table_name, row_key, column_name, sum(change_amount) as told_amount from explained group by 1, 2, 3) as told
            using (table_name, row_key, column_name)
    ),

    caused as (
        select * from explained
        union all
        select * from rest
    )
select table_name, row_key, column_name, cause, getvariable('from_id') as from_publication, getvariable('to_id') as to_publication,
    cast(sum(change_amount) as decimal(18, 4)) as change_amount, cast(sum(closed_change_amount) as decimal(18, 4)) as closed_change_amount
from caused
group by 1, 2, 3, 4
having sum(change_amount) <> 0 or sum(closed_change_amount) <> 0
order by 1, 2, 3, 4;
