-- What moved among deals, and among lines with a list price: placed, as the funnel has them, in the groups that their
-- owner was in at the year's end.
create temp table deal_state as
with
    told as (
        select coalesce(a.opportunity_id, b.opportunity_id) as opportunity_id, a as o, b as n,
            a.opportunity_id is null as has_come,
            b.opportunity_id is null as has_gone
        from old.odd_opportunity as a
        full join new.odd_opportunity as b on a.opportunity_id = b.opportunity_id
        where a.opportunity_id is null or b.opportunity_id is null or a is distinct from b
    ),

    caused as (
        select
            opportunity_id,
            case
                when has_come
                then if(coalesce(n.created_on, n.closed_on) < getvariable('from_as_of'), 'late', 'new')
                when has_gone
                then if(opportunity_id in (select opportunity_id from warehouse_line.merged_opportunity), 'merged',
                    'corrected')
                when n.is_closed and not o.is_closed and n.closed_on >= getvariable('from_as_of')
                then 'new'
                when row(o.is_closed, o.is_won, o.created_on, o.closed_on, o.opportunity_amount, o.currency)
                    is distinct from row(n.is_closed, n.is_won, n.created_on, n.closed_on, n.opportunity_amount,
                        n.currency)
                then 'corrected'
                when o.owner_crm_user_id <> n.owner_crm_user_id
                then if((o.owner_crm_user_id, n.owner_crm_user_id) in (select (alias_id, shown_id) from alias
                    where id_kind = 'crm_user'), 'merged', 'moved')
                when o.account_id is distinct from n.account_id
                then if((o.account_id, n.account_id) in (select (alias_id, shown_id) from alias
                    where id_kind = 'account'), 'merged', 'corrected')
                when o.reporting_amount is distinct from n.reporting_amount
                then 'rate'
                else 'corrected'
            end as because
        from told
    ),

    corrected_customer as (
        select a.account_id
        from old.customer as a
        inner join new.customer as b on a.account_id = b.account_id
        where row(a.industry, a.acquisition_method, a.account_region)
            is distinct from row(b.industry, b.acquisition_method, b.account_region)
    ),

    late_customer as (
        select a.account_id
        from new.customer as a
        anti join old.customer as b on a.account_id = b.account_id
        where a.acquired_on < getvariable('from_as_of')
    ),

    -- Of the others those whose day has come, whose account has become a customer or is told of otherwise, or whose
    -- owner is told to have been in other groups.
    others as (
        select
            opportunity_id,
            case
                when owner_crm_user_id in (select id from read_otherwise where kind = 'rep')
                then 'moved'
                when account_id in (select account_id from corrected_customer)
                then 'corrected'
                when account_id in (select account_id from late_customer)
                then 'late'
                else 'new'
            end as because
        from new.opportunity
        where opportunity_id not in (select opportunity_id from caused)
    ),

    followed as (
        select * from caused
        union all
        select * from others
    )
select followed.because, -1 as sign, 'old' as groups, getvariable('from_as_of') as as_of, deals.*
from followed
inner join old.opportunity as deals on followed.opportunity_id = deals.opportunity_id
union all
select followed.because, 1, 'new', getvariable('to_as_of'), deals.*
from followed
inner join new.opportunity as deals on followed.opportunity_id = deals.opportunity_id;

create temp table deal_event as
with
    years as (
        select fiscal_year, min(date_on) as start_on,
            coalesce(lead(min(date_on)) over (order by fiscal_year), max(date_on) + 1) as next_on
        from any_day
        group by fiscal_year
    ),

    ended as (select *, if(is_closed and closed_on < as_of, closed_on, null) as ended_on from deal_state),

    events as (
        select if(ended.is_won, 'deal_won', 'deal_lost') as kind, days.fiscal_year, ended.*
        from ended
        inner join any_day as days on ended.ended_on = days.date_on
        union all
        -- Open on the first day of a year, unless it still is and is expected later.
        select 'deal_open', years.fiscal_year, ended.*
        from ended
        inner join years
            on ended.created_on < years.start_on
            and years.start_on < ended.as_of
            and (ended.ended_on is null or ended.ended_on >= years.start_on)
            and (ended.is_closed or ended.closed_on is null or ended.closed_on < years.next_on)
    ),

    -- A deal may be older than what is known of its owner.
    reps as (
        select distinct 'old' as groups, crm_user_id from old.rep_group
        union all
        select distinct 'new', crm_user_id from new.rep_group
    )
select
    events.kind, events.because, events.sign, events.groups, bases.basis,
    coalesce(reps.crm_user_id, 'unknown') as crm_user_id, events.account_id,
    events.fiscal_year, coalesce(events.reporting_amount, 0) as touched_amount,
    events.sign * trace(row(events.opportunity_id, events.opportunity_amount, events.currency,
        if(bases.basis = 'constant', 0, events.reporting_amount))) as trace
from events
cross join basis as bases
left join reps on events.groups = reps.groups and events.owner_crm_user_id = reps.crm_user_id
union all
-- At another rate of the one day, or in other prices.
select
    events.kind, 'rate', 1, 'new', rates.basis, coalesce(reps.crm_user_id, 'unknown'), events.account_id,
    events.fiscal_year,
    events.reporting_amount * rates.change, 1
from events
inner join warehouse_line.retold_rate as rates
    on rates.basis <> 'nominal'
    and (rates.currency is null or events.currency = rates.currency)
    and coalesce(events.closed_on, events.created_on) >= rates.from_on
    and coalesce(events.closed_on, events.created_on) < rates.to_on
left join reps on events.groups = reps.groups and events.owner_crm_user_id = reps.crm_user_id
where events.groups = 'new' and rates.basis in (select basis from basis)
union all
select 'listed', because, sign, groups, basis, crm_user_id, account_id, fiscal_year, touched_amount, trace
from placed
where kind in ('line', 'contract') and order_line_id in (select order_line_id from warehouse_line.listed_order_line);

insert into touch
with
    grouped as (
        select
            events.*, coalesce(groups.team_id, 'unknown') as team_id,
            coalesce(groups.manager_crm_user_id, 'unknown') as manager_crm_user_id,
            coalesce(groups.territory_id, 'unknown') as territory_id
        from deal_event as events
        left join lens_day as lenses on lenses.lens = 'as_was' and events.groups = lenses.groups
            and events.fiscal_year = lenses.fiscal_year
        left join group_side as groups
            on events.groups = groups.groups
            and events.crm_user_id = groups.crm_user_id
            and coalesce(lenses.read_on, date '1950-01-01') >= groups.valid_from_on
            and coalesce(lenses.read_on, date '1950-01-01') < groups.valid_to_on
    ),

    -- Or than its account as a customer.
    customers as (
        select 'old' as groups, * from old.customer
        union all
        select 'new', * from new.customer
    ),

    cut as (
        select
            grouped.*, coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown')
                as region,
            coalesce(customers.industry, 'unknown') as industry,
            coalesce(customers.acquisition_method, 'unknown') as acquisition_method
        from grouped
        left join territory_side as territories on grouped.territory_id = territories.territory_id
            and grouped.groups = territories.side
        left join customers on grouped.account_id = customers.account_id
            and grouped.groups = customers.groups
    )
select
    kind, 'year',
    case
        when grouping(crm_user_id) = 0 then 'cut_type=rep, cut_id=' || crm_user_id
        when grouping(team_id) = 0 then 'cut_type=team, cut_id=' || team_id
        when grouping(manager_crm_user_id) = 0 then 'cut_type=manager, cut_id=' || manager_crm_user_id
        when grouping(territory_id) = 0 then 'cut_type=territory, cut_id=' || territory_id
        when grouping(region) = 0 then 'cut_type=region, cut_id=' || region
        when grouping(industry) = 0 then 'cut_type=industry, cut_id=' || industry
        when grouping(acquisition_method) = 0 then 'cut_type=acquisition_method, cut_id=' || acquisition_method
        else 'cut_type=company, cut_id=company'
    end,
    'as_sold', fiscal_year, basis, because, if(kind = 'listed', null, sum(sign * touched_amount)),
    abs(sum(sign * touched_amount)), false
from cut
group by
    kind, fiscal_year, basis, because,
    grouping sets ((crm_user_id), (team_id), (manager_crm_user_id), (territory_id), (region), (industry),
        (acquisition_method), ())
having sum(trace) <> 0;
