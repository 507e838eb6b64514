create macro cuts(region, industry, acquisition_method) as map {
    'region': region,
    'industry': industry,
    'acquisition_method': acquisition_method,
    'region_industry': replace(region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
    'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
    'region_acquisition_method': replace(region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
};

-- What was sold, by who sold it and, through the lenses that read a day, by who owned the account then; in the groups
-- of the day.
create temp table sold_by as
with
    sellers as (
        select basis, 'as_sold' as lens, because, is_closed, fiscal_year, ordered_on, ordered_on as read_on, groups,
            crm_user_id, revenue_amount, gross_margin_amount, kind,
            touched_amount, trace, place_trace
        from shared
        where kind in (select kind from held_kind)
        union all
        select
            placed.basis, lenses.lens, placed.because, placed.is_closed, placed.fiscal_year, placed.ordered_on,
            lenses.read_on, placed.groups,
            coalesce(owners.crm_user_id, 'unknown'), placed.sign * placed.revenue_amount,
            placed.sign * placed.gross_margin_amount,
            placed.kind, placed.sign * placed.touched_amount, placed.trace, placed.place_trace
        from placed
        inner join lens_day as lenses
            on lenses.lens <> 'as_sold' and placed.groups = lenses.groups and placed.fiscal_year = lenses.fiscal_year
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and lenses.read_on >= owners.valid_from_on
            and lenses.read_on < owners.valid_to_on
        where placed.kind = 'line'
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
            coalesce(groups.team_id, 'unknown'), coalesce(groups.manager_crm_user_id, 'unknown'),
            coalesce(groups.territory_id, 'unknown')
        ))) as kind_of_group
        from won
        inner join lens_day as lenses on won.groups = lenses.groups and won.acquired_year = lenses.fiscal_year
        left join group_side as groups
            on won.groups = groups.groups
            and won.acquirer = groups.crm_user_id
            and coalesce(lenses.read_on, won.acquired_on) >= groups.valid_from_on
            and coalesce(lenses.read_on, won.acquired_on) < groups.valid_to_on
    ),

    sold as (
        select basis, because, is_closed, fiscal_year, region, industry, acquisition_method, kind,
            sum(sign * revenue_amount) as revenue_amount,
            sum(sign * gross_margin_amount) as gross_margin_amount, sum(sign * touched_amount) as touched_amount,
            sum(trace) as trace,
            sum(place_trace) as place_trace
        from placed
        where kind in (select kind from held_kind)
        group by 1, 2, 3, 4, 5, 6, 7, 8
    ),

    sold_in as (
        select basis, lens, because, is_closed, fiscal_year, kind, crm_user_id, team_id, manager_crm_user_id,
            territory_id, sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount, sum(touched_amount) as touched_amount,
            sum(trace) as trace, sum(place_trace) as place_trace
        from sold_by
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ),

    year_value as (
        select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, lens, basis, because, is_closed,
            fiscal_year, kind, revenue_amount,
            gross_margin_amount, touched_amount, trace, place_trace
        from sold_in
        union all
        select 'group_value', group_called(kind_of_group.key, kind_of_group.value), lens, basis, because, is_closed,
            fiscal_year, kind, revenue_amount,
            gross_margin_amount, touched_amount, trace, place_trace
        from (select *, unnest(map_entries(group_kinds(team_id, manager_crm_user_id, territory_id))) as kind_of_group from sold_in) as sold_in_group
        union all
        select 'group_value', 'group_type=company, group_id=company', null, basis, because, is_closed, fiscal_year,
            kind, revenue_amount, gross_margin_amount,
            touched_amount, trace, place_trace
        from sold
        union all
        select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', basis, because,
            is_closed, fiscal_year, kind, revenue_amount,
            gross_margin_amount, touched_amount, trace, place_trace
        from (select *, unnest(map_entries(cuts(region, industry, acquisition_method))) as cut from sold) as sold_cut
    ),

    won_value as (
        select 'rep_value' as table_name, 'crm_user_id=' || acquirer as holder, null as lens, basis, because,
            is_closed, acquired_year, age_months, kind,
            revenue_amount, gross_margin_amount, touched_amount, trace, place_trace
        from won
        union all
        select 'group_value', 'group_type=company, group_id=company', null, basis, because, is_closed, acquired_year,
            age_months, kind, revenue_amount,
            gross_margin_amount, touched_amount, trace, place_trace
        from won
        union all
        select 'group_value', group_called(kind_of_group.key, kind_of_group.value), lens, basis, because, is_closed,
            acquired_year, age_months, kind,
            revenue_amount, gross_margin_amount, touched_amount, trace, place_trace
        from won_in_group
        union all
        select 'segment_value', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', basis, because,
            is_closed, acquired_year, age_months, kind,
            revenue_amount, gross_margin_amount, touched_amount, trace, place_trace
        from (select *, unnest(map_entries(cuts(won_region, industry, acquisition_method))) as cut from won) as won_cut
    ),

    told as (
        select table_name, holder, lens, 'year' as reading, fiscal_year, null as age_months, basis, because,
            is_closed, kind, revenue_amount, gross_margin_amount,
            0 as cost_amount, 0 as shared_cost_amount, 0 as management_cost_amount, touched_amount, trace, place_trace
        from year_value
        union all
        select table_name, holder, lens, unnest(['cohort', 'career'][:if(age_months is null, 2, 1)]), acquired_year,
            age_months, basis, because, is_closed, kind,
            revenue_amount, gross_margin_amount, 0, 0, 0, touched_amount, trace, place_trace
        from won_value
        union all
        select table_name, holder, lens, reading, fiscal_year, age_months, basis, because, is_closed, 'cost', 0, 0,
            cost_amount, shared_cost_amount,
            management_cost_amount, cost_amount, cast(cost_amount * 10000 as hugeint), 0
        from spent
    )
select table_name, holder, lens, reading, fiscal_year, age_months, basis, because, is_closed, kind,
    sum(revenue_amount) as revenue_amount,
    sum(gross_margin_amount) as gross_margin_amount, sum(cost_amount) as cost_amount,
    sum(shared_cost_amount) as shared_cost_amount,
    sum(management_cost_amount) as management_cost_amount, sum(touched_amount) as touched_amount, sum(trace) as trace,
    sum(place_trace) as place_trace
from told
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;

-- The same by territory with all below it, in the tree of then; where the tree is another, all that a territory has
-- moves within it.
insert into held
select
    held.table_name, group_called('territory_tree', tree.tree_territory_id), held.lens, held.reading,
    held.fiscal_year, held.age_months, held.basis, held.because,
    held.is_closed, held.kind, sum(held.revenue_amount), sum(held.gross_margin_amount), sum(held.cost_amount),
    sum(held.shared_cost_amount),
    sum(held.management_cost_amount), sum(held.touched_amount), sum(held.trace), sum(held.place_trace)
from held
inner join tree
    on tree.groups = 'old'
    and held.holder = group_called('territory', tree.territory_id)
    and held.lens = tree.lens
    and held.fiscal_year = tree.fiscal_year
where held.table_name = 'group_value'
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
