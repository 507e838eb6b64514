-- What moved in books: a line counts once for every month's end that finds it with its customer's owner. Of month-ends that came since there is
-- nothing to follow: they add what all customers of a book had brought by then.
create temp table book_end as
with
    ends as (
        select max(date_on) as last_day_on, fiscal_year, count(*) as days from new.day group by date_trunc('month', date_on), fiscal_year
    ),

    weighted as (
        select last_day_on, fiscal_year, if((select count(*) from new.fiscal_period) > 0, days, 1) as weight
        from ends
        where last_day_on < least(getvariable('from_as_of'), getvariable('to_as_of'))
    )
select days.date_on, days.fiscal_year, coalesce(sum(weighted.weight) over (order by days.date_on rows between unbounded preceding and 1 preceding), 0) as weight_before
from new.day as days
left join weighted on days.date_on = weighted.last_day_on;

create temp table book_year as
with bounds as (select fiscal_year, min(date_on) as start_on, max(date_on) as end_on, lead(min(date_on)) over (order by fiscal_year) as next_on from new.day group by 1)
select * from bounds where next_on is not null or end_on >= least(getvariable('from_as_of'), getvariable('to_as_of'));

-- How much of a year's ends lie from one day until another. Days between two ends are one, and accounts of an owner are put together.
create temp table book_step as
with
    days as (select date_on, min(date_on) over (partition by weight_before) as since_on from book_end),

    entries as (
        select placed.account_id, placed.basis, placed.because, placed.is_closed, placed.groups, days.since_on, sum(placed.sign * placed.revenue_amount) as revenue_amount,
            sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount
        from placed
        inner join days on placed.ordered_on = days.date_on
        where placed.kind = 'line' and getvariable('other') = ''
        group by 1, 2, 3, 4, 5, 6
    ),

    owned as (
        select owners.crm_user_id, owners.valid_from_on, owners.valid_to_on, entries.basis, entries.because, entries.is_closed, entries.groups, entries.since_on,
            sum(entries.revenue_amount) as revenue_amount, sum(entries.gross_margin_amount) as gross_margin_amount
        from entries
        inner join owner_side as owners on entries.groups = owners.groups and entries.account_id = owners.account_id
        group by 1, 2, 3, 4, 5, 6, 7, 8
        union all
        -- Whoever owned it.
        select null, date '0001-01-01', date '9999-12-31', basis, because, is_closed, groups, since_on, sum(revenue_amount), sum(gross_margin_amount)
        from entries
        group by 4, 5, 6, 7, 8
    ),

    -- As sold, who owned the account at each end; through the other lenses, at the day on which the year is read.
    yearly as (
        select
            lenses.lens, lenses.read_on, years.fiscal_year, owned.*,
            greatest(owned.since_on, years.start_on, if(lenses.lens = 'as_sold', owned.valid_from_on, years.start_on)) as from_on,
            least(
                coalesce(years.next_on, years.end_on), getvariable('from_as_of'), getvariable('to_as_of'),
                if(lenses.lens = 'as_sold', owned.valid_to_on, date '9999-12-31')
            ) as until_on
        from owned
        inner join book_year as years on owned.since_on <= years.end_on
        inner join lens_day as lenses on owned.groups = lenses.groups and years.fiscal_year = lenses.fiscal_year
        where lenses.read_on is null or (lenses.read_on >= owned.valid_from_on and lenses.read_on < owned.valid_to_on)
    ),

    grouped as (
        select
            yearly.* exclude (from_on, until_on), groups.team_id, groups.manager_crm_user_id, groups.territory_id,
            if(yearly.read_on is null, greatest(yearly.from_on, coalesce(groups.valid_from_on, yearly.from_on)), yearly.from_on) as from_on,
            if(yearly.read_on is null, least(yearly.until_on, coalesce(groups.valid_to_on, yearly.until_on)), yearly.until_on) as until_on
        from yearly
        left join group_side as groups
            on yearly.groups = groups.groups
            and yearly.crm_user_id = groups.crm_user_id
            and coalesce(yearly.read_on, yearly.from_on) < groups.valid_to_on
            and if(yearly.read_on is null, yearly.until_on > groups.valid_from_on, yearly.read_on >= groups.valid_from_on)
        where yearly.from_on < yearly.until_on
    )
select grouped.lens, grouped.fiscal_year, grouped.basis, grouped.because, grouped.is_closed, grouped.crm_user_id, grouped.team_id, grouped.manager_crm_user_id,
    grouped.territory_id, sum((ends.weight_before - begins.weight_before) * grouped.revenue_amount) as revenue_amount,
    sum((ends.weight_before - begins.weight_before) * grouped.gross_margin_amount) as gross_margin_amount
from grouped
inner join book_end as begins on grouped.from_on = begins.date_on
inner join book_end as ends on grouped.until_on = ends.date_on
where ends.weight_before > begins.weight_before
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- Ends at which nobody owned an account, or its owner was in no group, are those that are left of the whole.
create temp table booked as
with
    whole as (
        select lens, fiscal_year, basis, because, is_closed, sum(revenue_amount) as revenue_amount, sum(gross_margin_amount) as gross_margin_amount
        from book_step
        where crm_user_id is null
        group by 1, 2, 3, 4, 5
    ),

    known as (select * from book_step where crm_user_id is not null)
select * from known
union all
select whole.lens, whole.fiscal_year, whole.basis, whole.because, whole.is_closed, 'unknown', null, null, null,
    whole.revenue_amount - coalesce(sum(known.revenue_amount), 0), whole.gross_margin_amount - coalesce(sum(known.gross_margin_amount), 0)
from whole
left join known
    on whole.lens = known.lens
    and whole.fiscal_year = known.fiscal_year
    and whole.basis = known.basis
    and whole.because = known.because
    and whole.is_closed = known.is_closed
group by 1, 2, 3, 4, 5, whole.revenue_amount, whole.gross_margin_amount;

insert into held by name
with
    holders as (
        select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, lens, fiscal_year, basis, because, is_closed, revenue_amount, gross_margin_amount
        from booked
        union all
        select
            'group_value', unnest(['group_type=company, group_id=company', group_called('team', coalesce(team_id, 'unknown')),
                group_called('manager', coalesce(manager_crm_user_id, 'unknown')), group_called('territory', coalesce(territory_id, 'unknown'))]),
            lens, fiscal_year, basis, because, is_closed, revenue_amount, gross_margin_amount
        from booked
    ),

    treed as (
        select * from holders
        union all
        select holders.* replace (group_called('territory_tree', tree.tree_territory_id) as holder)
        from holders
        inner join tree
            on tree.groups = 'old'
            and holders.holder = group_called('territory', tree.territory_id)
            and holders.lens = tree.lens
            and holders.fiscal_year = tree.fiscal_year
    ),

    divisor as (select if((select count(*) from new.fiscal_period) > 0, 365, 12) as divisor)
select
    table_name, holder, lens, 'book' as reading, fiscal_year, basis, because, is_closed, 'book' as kind,
    cast(sum(revenue_amount) / any_value(divisor) as decimal(18, 4)) as revenue_amount,
    cast(sum(gross_margin_amount) / any_value(divisor) as decimal(18, 4)) as gross_margin_amount,
    0 as cost_amount, 0 as shared_cost_amount, 0 as management_cost_amount, 0 as touched_amount, 0 as trace, 0 as place_trace
from treed
cross join divisor
group by 1, 2, 3, 5, 6, 7, 8;
