-- What moved of the cost of segments: whoever's cost it is, and by whose sales it is shared.
create macro amount_in(basis, in_nominal, in_constant, in_real) as
case basis when 'nominal' then in_nominal when 'constant' then in_constant else in_real end;

-- The cost of a rep's year goes where the rep sold, else to unknown. What moved the cost goes by the shares of now;
-- the rest is what moved the shares. Where sales come to nothing the next-best key, which counts customers, sends
-- cost all the same.
create temp table seller_touch as
with
    told as (
        -- All that a rep cost, with what is in no person's year.
        select kind, holder, unnest(['as_sold', 'as_was', 'as_is']) as lens, fiscal_year, basis, because,
            touched_amount as moved_amount, 0 as touched_amount
        from held
        where kind = 'cost' and reading = 'career'
        union all
        select kind, holder, lens, fiscal_year, basis, because, moved_amount, touched_amount
        from touch
        where kind = 'line' and reading = 'year'
        union all
        -- Two accounts that are one now count once, though they bought the same.
        select distinct 'count', 'crm_user_id=' || crm_user_id, 'as_sold', fiscal_year, basis, because,
            cast(null as decimal(18, 4)), 0
        from shared
        where kind = 'line' and (order_line_id, because) in (
            select (order_line_id, because)
            from placed
            where kind = 'line' and because in ('merged', 'corrected')
            group by order_line_id, because
            having sum(sign * trace(row(account_id, basis))) <> 0
        )
    )
select told.*, spent.crm_user_id
from told
inner join (
    select crm_user_id, fiscal_year from old.rep_cost where basis = 'nominal'
    union
    select crm_user_id, fiscal_year from new.rep_cost where basis = 'nominal'
) as spent
    on told.holder = 'crm_user_id=' || spent.crm_user_id and told.fiscal_year = spent.fiscal_year;

-- What the accounts brought that each of them owned, by region. A year in which nobody's share can be another isn't
-- looked at.
create temp table owned_segment as
with
    reps as (select distinct crm_user_id, lens, fiscal_year from seller_touch where lens <> 'as_sold'),

    owned as (
        select owners.groups as side, reps.crm_user_id, reps.lens, reps.fiscal_year, owners.account_id,
            nullif(territories.territory_name, 'unknown') as territory_name
        from reps
        inner join lens_day as lenses on reps.lens = lenses.lens and reps.fiscal_year = lenses.fiscal_year
        inner join owner_side as owners
            on lenses.groups = owners.groups
            and reps.crm_user_id = owners.crm_user_id
            and lenses.read_on >= owners.valid_from_on
            and lenses.read_on < owners.valid_to_on
        left join group_side as groups
            on lenses.groups = groups.groups
            and reps.crm_user_id = groups.crm_user_id
            and lenses.read_on >= groups.valid_from_on
            and lenses.read_on < groups.valid_to_on
        left join territory_side as territories
            on lenses.groups = territories.side and groups.territory_id = territories.territory_id
    ),

    accounts as (select distinct side, account_id, fiscal_year from owned),

    bought as (
        select 'old' as side, account_id, fiscal_year, sum(revenue_amount) as revenue_amount,
            sum(constant_revenue_amount) as constant_revenue_amount, sum(real_revenue_amount) as real_revenue_amount
        from old.order_line as lines
        semi join accounts
            on accounts.side = 'old'
            and lines.account_id = accounts.account_id
            and lines.fiscal_year = accounts.fiscal_year
        where ordered_on < getvariable('from_as_of')
        group by 2, 3
        union all
        select 'new', account_id, fiscal_year, sum(revenue_amount), sum(constant_revenue_amount),
            sum(real_revenue_amount)
        from new.order_line as lines
        semi join accounts
            on accounts.side = 'new'
            and lines.account_id = accounts.account_id
            and lines.fiscal_year = accounts.fiscal_year
        where ordered_on < getvariable('to_as_of')
        group by 2, 3
    )
select
    owned.side, owned.crm_user_id, owned.lens, owned.fiscal_year,
    coalesce(owned.territory_name, customers.account_region, 'unknown') as region,
    sum(bought.revenue_amount) as nominal_amount, sum(bought.constant_revenue_amount) as constant_amount,
    sum(bought.real_revenue_amount) as real_amount
from owned
inner join bought
    on owned.side = bought.side and owned.account_id = bought.account_id and owned.fiscal_year = bought.fiscal_year
left join customer_side as customers on owned.account_id = customers.account_id and owned.side = customers.side
group by 1, 2, 3, 4, 5;

create temp table seller_segment as
with
    reps as (select distinct crm_user_id, fiscal_year from seller_touch where lens = 'as_sold'),

    sold as (
        select 'old' as side, coalesce(shares.crm_user_id, lines.crm_user_id) as crm_user_id, lines.fiscal_year,
            lines.account_id, lines.territory_id,
            0 as revenue_amount, 0 as constant_revenue_amount, 0 as real_revenue_amount
        from old.order_line as lines
        left join old.revenue_share as shares on lines.order_line_id = shares.order_line_id
        where lines.ordered_on < getvariable('from_as_of')
        union all
        select 'new', coalesce(shares.crm_user_id, lines.crm_user_id), lines.fiscal_year, lines.account_id,
            lines.territory_id,
            coalesce(shares.revenue_amount, lines.revenue_amount),
            coalesce(shares.constant_revenue_amount, lines.constant_revenue_amount),
            coalesce(shares.real_revenue_amount, lines.real_revenue_amount)
        from new.order_line as lines
        left join new.revenue_share as shares on lines.order_line_id = shares.order_line_id
        where lines.ordered_on < getvariable('to_as_of')
    ),

    of_reps as (
        select
            sold.crm_user_id, sold.fiscal_year, sold.revenue_amount, sold.constant_revenue_amount,
            sold.real_revenue_amount,
            coalesce(nullif(territories.territory_name, 'unknown'), customers.account_region, 'unknown') as region,
            coalesce(customers.industry, 'unknown') as industry,
            coalesce(customers.acquisition_method, 'unknown') as acquisition_method
        from sold
        semi join reps on sold.crm_user_id = reps.crm_user_id and sold.fiscal_year = reps.fiscal_year
        left join customer_side as customers on sold.account_id = customers.account_id and sold.side = customers.side
        left join territory_side as territories on sold.territory_id = territories.territory_id
            and sold.side = territories.side
        union all
        -- Who sold nothing has all of it under unknown.
        select crm_user_id, fiscal_year, null, null, null, 'unknown', 'unknown', 'unknown'
        from reps
        anti join sold using (crm_user_id, fiscal_year)
    ),

    -- Of each cut for itself: in all three together nearly every line is alone.
    cut as (
        select crm_user_id, fiscal_year, region, industry, acquisition_method, sum(revenue_amount) as nominal_amount,
            sum(constant_revenue_amount) as constant_amount,
            sum(real_revenue_amount) as real_amount
        from of_reps
        group by grouping sets (
            (crm_user_id, fiscal_year, region), (crm_user_id, fiscal_year, industry),
            (crm_user_id, fiscal_year, acquisition_method),
            (crm_user_id, fiscal_year, region, industry), (crm_user_id, fiscal_year, industry, acquisition_method),
            (crm_user_id, fiscal_year, region, acquisition_method)
        )
    ),

    bases as (select distinct crm_user_id, lens, fiscal_year, basis from seller_touch),

    weighed as (
        select
            'as_sold' as lens, cut.crm_user_id, cut.fiscal_year, bases.basis,
            concat_ws('_', if(cut.region is null, null, 'region'), if(cut.industry is null, null, 'industry'),
                if(cut.acquisition_method is null, null, 'acquisition_method')) as segment_type,
            cuts(cut.region, cut.industry, cut.acquisition_method)[segment_type] as segment,
            amount_in(bases.basis, nominal_amount, constant_amount, real_amount) as revenue_amount
        from cut
        inner join bases
            on bases.lens = 'as_sold' and cut.crm_user_id = bases.crm_user_id and cut.fiscal_year = bases.fiscal_year
    ),

    summed as (
        select lens, crm_user_id, fiscal_year, basis, segment_type, segment,
            greatest(sum(coalesce(revenue_amount, 0)), 0) as weight
        from weighed
        group by all
    ),

    -- Through the other lenses the next-best key has no say: what comes to nothing, then or now, is under unknown.
    owned as (
        select
            bases.lens, bases.crm_user_id, bases.fiscal_year, bases.basis, parts.side, parts.region,
            greatest(amount_in(bases.basis, nominal_amount, constant_amount, real_amount), 0) as weight
        from owned_segment as parts
        inner join bases
            on parts.lens = bases.lens
            and parts.crm_user_id = bases.crm_user_id
            and parts.fiscal_year = bases.fiscal_year
    ),

    owned_in_all as (
        select bases.lens, bases.crm_user_id, bases.fiscal_year, bases.basis,
            coalesce(sum(owned.weight) filter (owned.side = 'old'), 0) as old_weight,
            coalesce(sum(owned.weight) filter (owned.side = 'new'), 0) as new_weight
        from bases
        left join owned using (lens, crm_user_id, fiscal_year, basis)
        where bases.lens <> 'as_sold'
        group by 1, 2, 3, 4
    ),

    owned_summed as (
        select lens, crm_user_id, fiscal_year, basis, 'region' as segment_type, region as segment,
            coalesce(sum(weight) filter (side = 'new'), 0) as weight
        from (
            select * from owned where weight > 0
            union all
            select lens, crm_user_id, fiscal_year, basis, 'new', 'unknown', if(new_weight = 0, 1, 0)
            from owned_in_all
            where old_weight = 0 or new_weight = 0
        ) as weighed_owned
        group by 1, 2, 3, 4, 6
    )
select *, coalesce(weight / nullif(sum(weight) over whole, 0), 1.0 / count(*) over whole) as share
from (select * from summed union all select * from owned_summed) as parts
window whole as (partition by lens, crm_user_id, fiscal_year, basis, segment_type);

insert into touch
with
    moved as (
        select told.kind, told.lens, told.because, told.basis, told.fiscal_year, segments.segment_type,
            segments.segment, told.moved_amount * segments.share as moved_amount, told.touched_amount
        from seller_touch as told
        inner join seller_segment as segments
            on told.crm_user_id = segments.crm_user_id
            and told.lens = segments.lens
            and told.fiscal_year = segments.fiscal_year
            and told.basis = segments.basis
    ),

    summed as (
        select kind, lens, because, basis, fiscal_year, segment_type, segment,
            cast(sum(moved_amount) as decimal(18, 4)) as moved_amount, sum(touched_amount) as touched_amount
        from moved
        group by all
    )
select
    case kind when 'cost' then 'segment_cost' when 'count' then 'segment_count' else 'segment_share' end,
    unnest(['year', 'career']), 'segment_type=' || segment_type || ', segment=' || segment, lens,
    unnest([fiscal_year, -1]), basis, because, if(kind = 'cost', moved_amount, null),
    if(kind = 'cost', abs(moved_amount), touched_amount), kind = 'cost'
from summed;

-- What moved lines from one segment to another moved the shares, though the rep sold the same.
insert into touch
select 'segment_share', unnest(['year', 'career']), holder, lens, unnest([fiscal_year, -1]), basis, because, null,
    touched_amount, false
from touch
where kind = 'line' and reading = 'year' and starts_with(holder, 'segment_type=');

-- What was spent on winning customers by a method is shared by those who were sold to.
insert into touch
with
    spend as (
        select
            coalesce(a.acquisition_method, b.acquisition_method) as acquisition_method,
            coalesce(a.month_on, b.month_on) as month_on,
            case
                when a.marketing_spend_id is not null then 'corrected'
                when b.month_on < date_trunc('month', getvariable('from_as_of')) then 'late'
                else 'new'
            end as because,
            coalesce(b.spend_amount, 0) - coalesce(a.spend_amount, 0) as moved_amount, bases.basis
        from warehouse_line.spend_then as a
        full join warehouse_line.spend_now as b on a.marketing_spend_id = b.marketing_spend_id
        cross join basis as bases
        where row(a.acquisition_method, a.month_on, a.spend_amount, a.currency)
            is distinct from row(b.acquisition_method, b.month_on, b.spend_amount, b.currency)
        union all
        select spent.acquisition_method, spent.month_on, 'rate', spent.spend_amount * rates.change, rates.basis
        from warehouse_line.spend_now as spent
        inner join warehouse_line.retold_rate as rates
            on (rates.currency is null or spent.currency = rates.currency) and spent.month_on >= rates.from_on
                and spent.month_on < rates.to_on
    ),

    dated as (
        select spend.*, days.fiscal_year
        from spend
        inner join any_day as days on spend.month_on = days.date_on
    ),

    segments as (
        select distinct segment_type, segment,
            if(segment_type = 'acquisition_method', segment, second_segment) as acquisition_method
        from new.segment
        where ends_with(segment_type, 'acquisition_method')
    )
select
    'segment_cost', unnest(['year', 'career']),
    'segment_type=' || segments.segment_type || ', segment=' || segments.segment, 'as_sold',
    unnest([dated.fiscal_year, -1]),
    dated.basis, dated.because, dated.moved_amount, abs(dated.moved_amount), false
from dated
inner join segments on dated.acquisition_method = segments.acquisition_method;

insert into touch
select
    'segment_share', unnest(['year', 'career']),
    'segment_type=' || segments.segment_type || ', segment=' || segments.segment, 'as_sold',
    unnest([touch.fiscal_year, -1]), touch.basis, touch.because, null, touch.touched_amount, false
from touch
inner join (select distinct segment_type, segment, second_segment from new.segment
    where ends_with(segment_type, '_acquisition_method')) as segments
    on touch.holder = 'segment_type=acquisition_method, segment=' || segments.second_segment
inner join (
    select distinct spend.acquisition_method, days.fiscal_year
    from warehouse_line.spend_now as spend
    inner join any_day as days on spend.month_on = days.date_on
) as spent on segments.second_segment = spent.acquisition_method and touch.fiscal_year = spent.fiscal_year
where touch.kind = 'line' and touch.reading = 'year' and touch.lens = 'as_sold';
