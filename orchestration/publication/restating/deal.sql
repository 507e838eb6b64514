-- What moved among deals, and among lines with a list price: placed, as the funnel has them, in the groups that their owner was in at the year's end. A
-- deal counts in the years in which it was created and closed, and in each on whose first day it was open.
create temp table deal_state as
with
    told as (
        select coalesce(a.opportunity_id, b.opportunity_id) as opportunity_id, a as o, b as n
        from old.odd_opportunity as a
        full join new.odd_opportunity as b on a.opportunity_id = b.opportunity_id
        where a.opportunity_id is null or b.opportunity_id is null or a is distinct from b
    ),

    caused as (
        select
            opportunity_id,
            case
                when o is null or o.opportunity_id is null
                then if(coalesce(n.created_on, n.closed_on) < getvariable('from_as_of'), 'late', 'new')
                when n is null or n.opportunity_id is null
                then if(opportunity_id in (select opportunity_id from warehouse_line.merged_opportunity), 'merged', 'corrected')
                when n.is_closed and not o.is_closed and n.closed_on >= getvariable('from_as_of')
                then 'new'
                when row(o.is_closed, o.is_won, o.created_on, o.closed_on, o.opportunity_amount, o.currency)
                    is distinct from row(n.is_closed, n.is_won, n.created_on, n.closed_on, n.opportunity_amount, n.currency)
                then 'corrected'
                when o.owner_crm_user_id <> n.owner_crm_user_id
                then if(exists (
                    select 1 from alias where id_kind = 'crm_user' and alias_id = o.owner_crm_user_id and shown_id = n.owner_crm_user_id
                ), 'merged', 'moved')
                when o.account_id is distinct from n.account_id
                then if(exists (select 1 from alias where id_kind = 'account' and alias_id = o.account_id and shown_id = n.account_id), 'merged', 'corrected')
                when o.reporting_amount is distinct from n.reporting_amount
                then 'rate'
                else 'corrected'
            end as because
        from told
    ),

    -- Whose day has come, and whose owner is told to have been in other groups.
    others as (
        select opportunity_id, 'new' as because
        from new.opportunity
        where
            (is_closed and closed_on >= getvariable('from_as_of') and closed_on < getvariable('to_as_of'))
            or (created_on >= getvariable('from_as_of') and created_on < getvariable('to_as_of'))
        union
        select deals.opportunity_id, 'new'
        from new.opportunity as deals
        inner join book_year as years
            on years.start_on >= getvariable('from_as_of') and years.start_on < getvariable('to_as_of') and deals.created_on < years.start_on
        where not deals.is_closed or deals.closed_on >= years.start_on
        union
        select opportunity_id, 'moved' from new.opportunity where owner_crm_user_id in (select id from read_otherwise where kind = 'rep')
    ),

    followed as (
        select * from caused
        union all
        select * from others where opportunity_id not in (select opportunity_id from caused)
    )
select followed.because, -1 as sign, 'old' as groups, deals.*
from followed
inner join old.opportunity as deals on followed.opportunity_id = deals.opportunity_id
union all
select followed.because, 1, 'new', deals.*
from followed
inner join new.opportunity as deals on followed.opportunity_id = deals.opportunity_id;

create temp table deal_event as
with
    dated as (
        select
            deals.*, coalesce(created.fiscal_year, closed.fiscal_year) as first_year,
            coalesce(if(deals.is_closed, closed.fiscal_year, null), ends.fiscal_year) as last_year, if(deals.is_closed and deals.is_won, closed.fiscal_year, null) as won_year
        from deal_state as deals
        left join new.day as created on deals.created_on = created.date_on
        left join new.day as closed on deals.closed_on = closed.date_on
        left join (select max(fiscal_year) as fiscal_year from new.day where date_on < getvariable('to_as_of')) as ends on true
    )
select
    'deal' as kind, because, sign, groups, basis, coalesce(reps.crm_user_id, 'unknown') as crm_user_id, account_id,
    unnest(range(first_year, greatest(first_year, last_year) + 1)) as fiscal_year, won_year, coalesce(reporting_amount, 0) as touched_amount,
    -- That its day has come touches it, though it is the same.
    sign * trace(row(opportunity_id, is_closed, is_won, created_on, closed_on, opportunity_amount, currency, if(because = 'rate', reporting_amount, null),
        if(because = 'new', groups, null))) as trace
from dated
cross join basis
left join (select distinct crm_user_id from new.rep_group union select distinct crm_user_id from old.rep_group) as reps
    on dated.owner_crm_user_id = reps.crm_user_id
where because <> 'rate' or basis <> 'constant'
union all
-- At the rate of one day, or in other prices.
select 'deal', 'rate', 1, 'new', rates.basis, deals.owner_crm_user_id, deals.account_id, days.fiscal_year, days.fiscal_year, deals.reporting_amount, 1
from new.opportunity as deals
inner join warehouse_line.retold_rate as rates
    on rates.basis <> 'nominal'
    and (rates.currency is null or deals.currency = rates.currency)
    and coalesce(deals.closed_on, deals.created_on) >= rates.from_on
    and coalesce(deals.closed_on, deals.created_on) < rates.to_on
inner join new.day as days on coalesce(deals.closed_on, deals.created_on) = days.date_on
union all
select 'listed', because, sign, groups, basis, crm_user_id, account_id, fiscal_year, null, touched_amount, trace
from placed
where kind in ('line', 'contract') and order_line_id in (select order_line_id from warehouse_line.listed_order_line);

insert into touch
with
    grouped as (
        select
            events.*, coalesce(groups.team_id, 'unknown') as team_id, coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
            coalesce(groups.territory_id, 'unknown') as territory_id
        from deal_event as events
        inner join lens_day as lenses on lenses.lens = 'as_was' and events.groups = lenses.groups and events.fiscal_year = lenses.fiscal_year
        left join group_side as groups
            on events.groups = groups.groups
            and events.crm_user_id = groups.crm_user_id
            and lenses.read_on >= groups.valid_from_on
            and lenses.read_on < groups.valid_to_on
    ),

    cut as (
        select
            grouped.kind, grouped.because, grouped.basis, grouped.fiscal_year, grouped.sign * grouped.touched_amount as touched_amount, grouped.trace,
            unnest(map_entries(map {
                'rep': grouped.crm_user_id, 'team': grouped.team_id, 'manager': grouped.manager_crm_user_id, 'territory': grouped.territory_id,
                'company': 'company', 'region': coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown'),
                'industry': coalesce(customers.industry, 'unknown'), 'acquisition_method': coalesce(customers.acquisition_method, 'unknown')
            })) as cut
        from grouped
        left join territory_side as territories
            on grouped.territory_id = territories.territory_id and territories.side = if(grouped.groups = 'old', 'old', 'new')
        left join customer_side as customers on grouped.account_id = customers.account_id and customers.side = if(grouped.groups = 'old', 'old', 'new')
    ),

    held as (
        select kind, 'cut_type=' || cut.key || ', cut_id=' || cut.value as holder, fiscal_year, basis, because, touched_amount, trace from cut
        union all
        -- A bridge knows the year of the win.
        select 'won', 'company', won_year, basis, because, sign * touched_amount, trace from deal_event where kind = 'deal' and won_year = fiscal_year
    )
select kind, 'year', holder, 'as_sold', fiscal_year, basis, because, abs(sum(touched_amount))
from held
group by all
having sum(trace) <> 0;
