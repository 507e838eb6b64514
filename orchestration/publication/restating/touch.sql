-- What moved of that on which the figures stand that are no sums of lines: by kind of input, whoever holds it, and cause. A cause touched it where it
-- does not put in what it takes out.
create temp table touch as
with
    yearly as (
        select kind, reading, holder, unnest(if(lens is null, ['as_sold', 'as_was', 'as_is'], [lens])) as lens, if(reading = 'career', -1, fiscal_year) as fiscal_year,
            basis, because, touched_amount, trace, place_trace
        from held
        where reading in ('year', 'career')
    ),

    summed as (
        select kind, reading, holder, lens, fiscal_year, basis, because, abs(sum(touched_amount)) as touched_amount, sum(trace) <> 0 as is_touched,
            kind = 'line' and sum(place_trace) <> 0 as is_placed_otherwise
        from yearly
        group by 1, 2, 3, 4, 5, 6, 7
    )
select * exclude (is_touched, is_placed_otherwise) from summed where is_touched
union all
select * exclude (is_touched, is_placed_otherwise) replace ('place' as kind) from summed where is_placed_otherwise;

-- What a change of rates moved, whatever else did.
insert into touch
select * replace ('rate' as kind) from touch where kind = 'line' and because = 'rate';

-- What a bridge from deals to lines stands on is of the company, in the year of the order, or of the win.
insert into touch
select kind, 'year', 'company', 'as_sold', fiscal_year, basis, because, sum(touched_amount)
from touch
where kind in ('line', 'contract') and reading = 'year' and holder = 'group_type=company, group_id=company' and lens = 'as_sold'
group by 1, 5, 6, 7
union all
select 'of_deal', 'year', 'company', 'as_sold', days.fiscal_year, placed.basis, placed.because, abs(sum(placed.sign * placed.touched_amount))
from placed
inner join (
    select order_line_id, opportunity_id from old.order_line union select order_line_id, opportunity_id from new.order_line
) as lines on placed.order_line_id = lines.order_line_id
inner join new.opportunity as deals on lines.opportunity_id = deals.opportunity_id and deals.is_won
inner join new.day as days on deals.closed_on = days.date_on
where placed.kind in ('line', 'contract')
group by 5, 6, 7
having sum(placed.trace) <> 0;

-- Credit under each policy: of who won the customer, or owned it when the line was sold; what is written off follows the sale.
insert into touch
with
    credited as (
        select 'to_acquirer' as kind, acquirer as crm_user_id, fiscal_year, because, sign * touched_amount as touched_amount, trace
        from placed
        where basis = 'nominal' and kind in ('line', 'written_off')
        union all
        select
            'to_owner', coalesce(owners.crm_user_id, 'unknown'), placed.fiscal_year, placed.because, placed.sign * placed.touched_amount, placed.trace
        from placed
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and placed.ordered_on >= owners.valid_from_on
            and placed.ordered_on < owners.valid_to_on
        where placed.basis = 'nominal' and placed.kind in ('line', 'written_off')
    )
select kind, 'year', 'crm_user_id=' || coalesce(crm_user_id, 'unknown'), 'as_sold', fiscal_year, 'nominal', because, abs(sum(touched_amount))
from credited
group by 1, 3, 5, 7
having sum(trace) <> 0;

-- Who was kept: of the customers that a segment won, what came in the year and in the one before.
insert into touch
select
    'kept', 'year', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', fiscal_year, basis, because, abs(sum(touched_amount))
from (
    select
        unnest(map_entries(cuts(won_region, industry, acquisition_method))) as cut, fiscal_year + step as fiscal_year, basis, because,
        sign * touched_amount as touched_amount, trace
    from placed
    cross join (select unnest([0, 1]) as step) as steps
    where kind in ('line', 'contract', 'earned')
) as kept
group by 3, 5, 6, 7
having sum(trace) <> 0;

-- The cost of a rep's year goes where the rep sold, so that it moves with either in all of these segments; where nothing was sold, it is unknown's.
insert into touch
with
    moved as (
        select holder, fiscal_year, basis, because, sum(touched_amount) as touched_amount
        from touch
        where kind in ('line', 'cost') and reading = 'year' and lens = 'as_sold' and starts_with(holder, 'crm_user_id=')
        group by 1, 2, 3, 4
    ),

    spent as (
        select crm_user_id, fiscal_year from old.rep_cost union select crm_user_id, fiscal_year from new.rep_cost
    ),

    reps as (
        select distinct spent.crm_user_id, spent.fiscal_year
        from spent
        semi join moved on 'crm_user_id=' || spent.crm_user_id = moved.holder and spent.fiscal_year = moved.fiscal_year
    ),

    sold as (
        select 'old' as side, coalesce(shares.crm_user_id, lines.crm_user_id) as crm_user_id, lines.fiscal_year, lines.account_id, lines.territory_id
        from old.order_line as lines
        left join old.revenue_share as shares on lines.order_line_id = shares.order_line_id
        union
        select 'new', coalesce(shares.crm_user_id, lines.crm_user_id), lines.fiscal_year, lines.account_id, lines.territory_id
        from new.order_line as lines
        left join new.revenue_share as shares on lines.order_line_id = shares.order_line_id
    ),

    cut as (
        select distinct
            reps.crm_user_id, reps.fiscal_year,
            unnest(map_entries(cuts(
                coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown'), coalesce(customers.industry, 'unknown'),
                coalesce(customers.acquisition_method, 'unknown')
            ))) as cut
        from reps
        left join sold on reps.crm_user_id = sold.crm_user_id and reps.fiscal_year = sold.fiscal_year
        left join customer_side as customers on sold.account_id = customers.account_id and sold.side = customers.side
        left join territory_side as territories
            on sold.territory_id = territories.territory_id and territories.side = if(sold.side = 'old', 'old', 'new')
    )
select
    'segment_cost', unnest(['year', 'career']), 'segment_type=' || cut.cut.key || ', segment=' || cut.cut.value, 'as_sold', unnest([moved.fiscal_year, -1]), moved.basis,
    moved.because, moved.touched_amount
from moved
inner join cut on moved.holder = 'crm_user_id=' || cut.crm_user_id and moved.fiscal_year = cut.fiscal_year;

-- What was spent on winning customers by a method is shared by those who were sold to.
insert into touch
with
    spend as (
        select
            coalesce(a.acquisition_method, b.acquisition_method) as acquisition_method, coalesce(a.month_on, b.month_on) as month_on,
            case
                when a.marketing_spend_id is not null then 'corrected'
                when b.month_on < date_trunc('month', getvariable('from_as_of')) then 'late'
                else 'new'
            end as because,
            abs(coalesce(b.spend_amount, 0) - coalesce(a.spend_amount, 0)) as touched_amount, bases.basis
        from warehouse_line.spend_then as a
        full join warehouse_line.spend_now as b on a.marketing_spend_id = b.marketing_spend_id
        cross join basis as bases
        where row(a.acquisition_method, a.month_on, a.spend_amount, a.currency) is distinct from row(b.acquisition_method, b.month_on, b.spend_amount, b.currency)
        union all
        select spent.acquisition_method, spent.month_on, 'rate', spent.spend_amount, rates.basis
        from warehouse_line.spend_now as spent
        inner join warehouse_line.retold_rate as rates
            on (rates.currency is null or spent.currency = rates.currency) and spent.month_on >= rates.from_on and spent.month_on < rates.to_on
    ),

    dated as (
        select spend.*, days.fiscal_year
        from spend
        inner join new.day as days on spend.month_on = days.date_on
    ),

    segments as (
        select distinct segment_type, segment, if(segment_type = 'acquisition_method', segment, second_segment) as acquisition_method
        from new.segment
        where ends_with(segment_type, 'acquisition_method')
    )
select
    'segment_cost', unnest(['year', 'career']), 'segment_type=' || segments.segment_type || ', segment=' || segments.segment, 'as_sold', unnest([dated.fiscal_year, -1]),
    dated.basis, dated.because, dated.touched_amount
from dated
inner join segments on dated.acquisition_method = segments.acquisition_method;

-- At standard cost a person costs what everybody does whose cost is put together. The days of a year that runs share it anew every night.
insert into touch
with
    days as (
        select 'new' as because, fiscal_year from new.day where date_on >= getvariable('from_as_of') and date_on < getvariable('to_as_of')
        union
        select people.because, days.fiscal_year
        from (select distinct because, since_on from warehouse_line.told_person) as people
        inner join (select fiscal_year, max(date_on) as end_on from new.day where date_on < getvariable('to_as_of') group by 1) as days
            on people.since_on <= days.end_on
    ),

    pooled as (
        select 'year' as reading, fiscal_year, because from days
        union
        select 'career', -1, because from days
    )
select
    'pooled', pooled.reading, 'group_type=company, group_id=company', unnest(['as_sold', 'as_was', 'as_is']), pooled.fiscal_year, bases.basis, pooled.because, 0
from pooled
cross join basis as bases;
