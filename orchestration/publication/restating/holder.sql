create macro cuts(region, industry, acquisition_method) as map {
    'region': region,
    'industry': industry,
    'acquisition_method': acquisition_method,
    'region_industry': replace(region, ' × ', '×') || ' × ' || replace(industry, ' × ', '×'),
    'industry_acquisition_method': replace(industry, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×'),
    'region_acquisition_method': replace(region, ' × ', '×') || ' × ' || replace(acquisition_method, ' × ', '×')
};

-- What was sold, by who sold it, in the groups of the day.
create temp table sold_by as
select
    sellers.* exclude (order_line_id, groups),
    coalesce(groups.team_id, 'unknown') as team_id,
    coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(groups.territory_id, 'unknown') as territory_id
from (select * from shared where kind in (select kind from held_kind)) as sellers
left join group_side as groups
    on sellers.groups = groups.groups
    and sellers.crm_user_id = groups.crm_user_id
    and sellers.ordered_on >= groups.valid_from_on
    and sellers.ordered_on < groups.valid_to_on;

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

    -- Through the lenses that read a day, of whoever owned the account then.
    owned as (
        select sold.basis, reads.lens, sold.because, sold.is_closed, sold.fiscal_year, 'line' as kind,
            reads.crm_user_id, reads.team_id, reads.manager_crm_user_id, reads.territory_id, reads.region,
            sum(sold.revenue_amount) as revenue_amount,
            sum(sold.gross_margin_amount) as gross_margin_amount, sum(sold.touched_amount) as touched_amount,
            sum(sold.trace) as trace, sum(sold.place_trace) as place_trace
        from account_year as sold
        inner join owned_year as reads
            on sold.groups = reads.groups
            and sold.side = reads.side
            and sold.account_id is not distinct from reads.account_id
            and sold.fiscal_year = reads.fiscal_year
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ),

    sold_in as (
        select basis, 'as_sold' as lens, because, is_closed, fiscal_year, kind, crm_user_id, team_id,
            manager_crm_user_id, territory_id, sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount, sum(touched_amount) as touched_amount,
            sum(trace) as trace, sum(place_trace) as place_trace
        from sold_by
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        union all
        select * exclude (region) from owned
    ),

    won_owned as (
        select sold.basis, reads.lens, sold.because, sold.is_closed, sold.acquired_year, ages.age_months,
            reads.region,
            sum(sold.revenue_amount) as revenue_amount,
            sum(sold.gross_margin_amount) as gross_margin_amount, sum(sold.touched_amount) as touched_amount,
            sum(sold.trace) as trace, sum(sold.place_trace) as place_trace
        from account_year as sold
        inner join (select unnest([12, 24, 36, null]) as age_months) as ages
            on ages.age_months is null or sold.age_months <= ages.age_months
        inner join owned_year as reads
            on sold.groups = reads.groups
            and sold.side = reads.side
            and sold.account_id is not distinct from reads.account_id
            and sold.acquired_year = reads.fiscal_year
        group by 1, 2, 3, 4, 5, 6, 7
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
        from (select *, unnest(map_entries(group_kinds(team_id, manager_crm_user_id, territory_id))) as kind_of_group
            from sold_in) as sold_in_group
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
        union all
        -- Of the cuts only the region is another through another lens.
        select 'segment_value', 'segment_type=region, segment=' || region, lens, basis, because, is_closed,
            fiscal_year, kind, revenue_amount, gross_margin_amount, touched_amount, trace, place_trace
        from owned
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
        from (select *, unnest(map_entries(cuts(won_region, industry, acquisition_method))) as cut from won)
            as won_cut
        union all
        select 'segment_value', 'segment_type=region, segment=' || region, lens, basis, because, is_closed,
            acquired_year, age_months, 'line', revenue_amount, gross_margin_amount, touched_amount, trace, place_trace
        from won_owned
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
