-- What moved in books: a line counts once for every month's end that finds it with its customer's owner. Of
-- month-ends that came since there is nothing to follow: they add what all customers of a book had brought by then.
create temp table book_end as
with
    ends as (
        select max(date_on) as last_day_on, fiscal_year, count(*) as days from new.day
        group by date_trunc('month', date_on), fiscal_year
    ),

    weighted as (
        select last_day_on, fiscal_year, if((select count(*) from new.fiscal_period) > 0, days, 1) as weight
        from ends
        where last_day_on < least(getvariable('from_as_of'), getvariable('to_as_of'))
    )
select days.date_on, days.fiscal_year,
    coalesce(sum(weighted.weight) over (order by days.date_on rows between unbounded preceding and 1 preceding), 0)
        as weight_before
from new.day as days
left join weighted on days.date_on = weighted.last_day_on;

create temp table book_year as
with bounds as (select fiscal_year, min(date_on) as start_on, max(date_on) as end_on,
    lead(min(date_on)) over (order by fiscal_year) as next_on from new.day group by 1)
select * from bounds where next_on is not null or end_on >= least(getvariable('from_as_of'), getvariable('to_as_of'));

-- What an account had brought by each end, and how much of the ends that came before it lies behind that: an end at
-- which the ends before it weigh w finds it with w times what it had brought, less what lies behind. Days between two
-- ends are one.
create temp table book_entry as
with
    days as (select date_on, weight_before, min(date_on) over (partition by weight_before) as since_on from book_end),

    entries as (
        select
            placed.account_id, placed.basis, placed.because, placed.is_closed, placed.groups, days.since_on,
            days.weight_before,
            sum(placed.sign * placed.revenue_amount) as revenue_amount,
            sum(placed.sign * placed.gross_margin_amount) as gross_margin_amount
        from placed
        inner join days on placed.ordered_on = days.date_on
        where placed.kind = 'line' and getvariable('other') = ''
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    -- Whoever owned it: of all accounts together.
    either as (
        select * from entries where account_id is not null and (revenue_amount <> 0 or gross_margin_amount <> 0)
        union all
        select null, basis, because, is_closed, groups, since_on, weight_before, sum(revenue_amount),
            sum(gross_margin_amount)
        from entries
        group by 2, 3, 4, 5, 6, 7
    )
select
    account_id, basis, because, is_closed, groups, since_on,
    coalesce(lead(since_on) over of_account, date '9999-12-31') as until_on,
    sum(revenue_amount) over of_account as revenue_amount,
    sum(coalesce(gross_margin_amount, 0)) over of_account as gross_margin_amount,
    sum(weight_before * revenue_amount) over of_account as revenue_behind,
    sum(weight_before * coalesce(gross_margin_amount, 0)) over of_account as gross_margin_behind
from either
window of_account as (partition by account_id, basis, because, is_closed, groups order by since_on);

-- Who owned an account, and in which groups that was, from one end of a year until another. As sold, at each end;
-- through the other lenses, at the day on which the year is read.
create temp table book_owner as
with
    owners as (
        select groups, account_id, crm_user_id, valid_from_on, valid_to_on
        from owner_side
        where (groups, account_id) in (select (groups, account_id) from book_entry)
        union all
        select groups, null, null, date '0001-01-01', date '9999-12-31'
        from (select distinct groups from book_entry) as sides
    ),

    yearly as (
        select
            owners.groups, owners.account_id, owners.crm_user_id, lenses.lens, lenses.read_on, years.fiscal_year,
            if(lenses.lens = 'as_sold', greatest(years.start_on, owners.valid_from_on), years.start_on) as from_on,
            least(
                coalesce(years.next_on, years.end_on), getvariable('from_as_of'), getvariable('to_as_of'),
                if(lenses.lens = 'as_sold', owners.valid_to_on, date '9999-12-31')
            ) as until_on
        from owners
        cross join book_year as years
        inner join lens_day as lenses on owners.groups = lenses.groups and years.fiscal_year = lenses.fiscal_year
        where lenses.read_on is null
            or (lenses.read_on >= owners.valid_from_on and lenses.read_on < owners.valid_to_on)
    ),

    -- Through the other lenses the groups of whoever owned it are those of one day: they are looked up when all
    -- accounts are added up.
    grouped as (
        select
            yearly.* exclude (from_on, until_on, read_on), groups.team_id, groups.manager_crm_user_id,
            groups.territory_id,
            greatest(yearly.from_on, coalesce(groups.valid_from_on, yearly.from_on)) as from_on,
            least(yearly.until_on, coalesce(groups.valid_to_on, yearly.until_on)) as until_on
        from (select * from yearly where read_on is null and from_on < until_on) as yearly
        left join group_side as groups
            on yearly.groups = groups.groups
            and yearly.crm_user_id = groups.crm_user_id
            and yearly.from_on < groups.valid_to_on
            and yearly.until_on > groups.valid_from_on
        union all
        select * exclude (from_on, until_on, read_on), null, null, null, from_on, until_on from yearly
        where read_on is not null and from_on < until_on
    )
select
    grouped.* exclude (from_on, until_on), unnest([-1, 1]) as sign,
    unnest([grouped.from_on, grouped.until_on]) as end_on,
    unnest([begins.weight_before, ends.weight_before]) as weight_before
from grouped
inner join book_end as begins on grouped.from_on = begins.date_on
inner join book_end as ends on grouped.until_on = ends.date_on
where ends.weight_before > begins.weight_before;

create temp table book_step as
with
    steps as (
        select
            owners.groups, owners.lens, owners.fiscal_year, entries.basis, entries.because, entries.is_closed,
            owners.crm_user_id, owners.team_id,
            owners.manager_crm_user_id, owners.territory_id,
            sum(owners.sign * (owners.weight_before * entries.revenue_amount - entries.revenue_behind))
                as revenue_amount,
            sum(owners.sign * (owners.weight_before * entries.gross_margin_amount - entries.gross_margin_behind))
                as gross_margin_amount
        from book_owner as owners
        inner join book_entry as entries
            on owners.groups = entries.groups
            and owners.account_id is not distinct from entries.account_id
            and owners.end_on >= entries.since_on
            and owners.end_on < entries.until_on
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    )
select
    steps.lens, steps.fiscal_year, steps.basis, steps.because, steps.is_closed, steps.crm_user_id,
    coalesce(steps.team_id, groups.team_id) as team_id,
    coalesce(steps.manager_crm_user_id, groups.manager_crm_user_id) as manager_crm_user_id,
    coalesce(steps.territory_id, groups.territory_id) as territory_id,
    sum(steps.revenue_amount) as revenue_amount, sum(steps.gross_margin_amount) as gross_margin_amount
from steps
inner join lens_day as lenses on steps.groups = lenses.groups and steps.fiscal_year = lenses.fiscal_year
    and steps.lens = lenses.lens
left join group_side as groups
    on steps.groups = groups.groups
    and steps.crm_user_id = groups.crm_user_id
    and lenses.read_on >= groups.valid_from_on
    and lenses.read_on < groups.valid_to_on
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- Ends at which nobody owned an account, or its owner was in no group, are those that are left of the whole.
create temp table booked as
with
    whole as (
        select lens, fiscal_year, basis, because, is_closed, sum(revenue_amount) as revenue_amount,
            sum(gross_margin_amount) as gross_margin_amount
        from book_step
        where crm_user_id is null
        group by 1, 2, 3, 4, 5
    ),

    known as (select * from book_step where crm_user_id is not null)
select * from known
union all
select whole.lens, whole.fiscal_year, whole.basis, whole.because, whole.is_closed, 'unknown', null, null, null,
    whole.revenue_amount - coalesce(sum(known.revenue_amount), 0),
    whole.gross_margin_amount - coalesce(sum(known.gross_margin_amount), 0)
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
        select 'rep_value' as table_name, 'crm_user_id=' || crm_user_id as holder, lens, fiscal_year, basis, because,
            is_closed, revenue_amount, gross_margin_amount
        from booked
        union all
        select
            'group_value',
            unnest(['group_type=company, group_id=company', group_called('team', coalesce(team_id, 'unknown')),
                group_called('manager', coalesce(manager_crm_user_id, 'unknown')),
                group_called('territory', coalesce(territory_id, 'unknown'))]),
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
    0 as cost_amount, 0 as shared_cost_amount, 0 as management_cost_amount, 0 as touched_amount, 0 as trace,
    0 as place_trace
from treed
cross join divisor
group by 1, 2, 3, 5, 6, 7, 8;
