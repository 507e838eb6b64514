-- What moved of that on which the figures stand that are no sums of lines: by kind of input, whoever holds it, and
-- cause. A cause touched it where it does not put in what it takes out. moved_amount: by how much, where that is
-- known in money; touched_amount: its size, in which alone causes are compared; is_firm: the figure moved by exactly
-- that.
create temp table touch as
with
    yearly as (
        select kind, reading, holder, unnest(if(lens is null, ['as_sold', 'as_was', 'as_is'], [lens])) as lens,
            if(reading = 'career', -1, fiscal_year) as fiscal_year,
            basis, because, touched_amount, trace, place_trace
        from held
        where reading in ('year', 'career')
    ),

    summed as (
        select kind, reading, holder, lens, fiscal_year, basis, because, sum(touched_amount) as moved_amount,
            sum(trace) <> 0 as is_touched,
            kind in ('line', 'paid_line') and sum(place_trace) <> 0 as is_placed_otherwise
        from yearly
        group by 1, 2, 3, 4, 5, 6, 7
    ),

    kinds as (
        select
            unnest(list_filter([
                if(is_touched, kind, null), if(is_placed_otherwise, 'place', null),
                if(is_touched and kind in ('line', 'paid_line') and because = 'rate', 'rate', null)
            ], one -> one is not null)) as kind,
            * exclude (kind, is_touched, is_placed_otherwise)
        from summed
    )
select
    kind, reading, holder, lens, fiscal_year, basis, because,
    if(kind in ('contract', 'running', 'earned'), null, moved_amount) as moved_amount,
    abs(moved_amount) as touched_amount, false as is_firm
from kinds;

-- What is told of a line by which some figures heed it, and others don't: then or now. Few lines are alike in
-- nothing, so that a number stands for all of it.
create temp table line_told as
with
    told as (
        select 'old' as side, lines.*,
            if(lines.opportunity_id is null, 'none', coalesce(deals.opportunity_type, 'unknown')) as opportunity_type
        from old.order_line as lines
        left join old.opportunity as deals on lines.opportunity_id = deals.opportunity_id
        semi join signed on lines.order_line_id = signed.order_line_id
        union all
        select 'new', lines.*, if(lines.opportunity_id is null, 'none', coalesce(deals.opportunity_type, 'unknown'))
        from new.order_line as lines
        left join new.opportunity as deals on lines.opportunity_id = deals.opportunity_id
        semi join signed on lines.order_line_id = signed.order_line_id
    )
select
    order_line_id, min(opportunity_type) as one_type, max(opportunity_type) as other_type,
    min(opportunity_id) as one_deal, max(opportunity_id) as other_deal,
    bool_or(opportunity_id is null) as has_no_deal, bool_or(coalesce(partner_amount, 0) <> 0) as has_partner,
    bool_or(coalesce(term_months, 0) > 0) as has_term,
    bool_or(booked_amount < 0 or refunds_order_line_id is not null) as is_refund
from told
group by 1;

create temp table mark as
select row_number() over () as mark, *
from (select distinct one_type, other_type, has_no_deal, has_partner, has_term, is_refund from line_told) as marks;

create temp table line_mark as
select told.order_line_id, marks.mark
from line_told as told
inner join mark as marks
    on told.one_type = marks.one_type
    and told.other_type = marks.other_type
    and told.has_no_deal = marks.has_no_deal
    and told.has_partner = marks.has_partner
    and told.has_term = marks.has_term
    and told.is_refund = marks.is_refund;

insert into touch
with
    told as (
        select marks.mark, told.kind, told.crm_user_id, told.fiscal_year, told.basis, told.because,
            sum(told.touched_amount) as touched_amount,
            sum(told.trace) as trace, sum(told.place_trace) as place_trace
        from shared as told
        left join line_mark as marks on told.order_line_id = marks.order_line_id
        group by 1, 2, 3, 4, 5, 6
        union all
        select marks.mark, told.kind, null, told.fiscal_year, told.basis, told.because,
            sum(told.sign * told.touched_amount), sum(told.trace),
            sum(told.place_trace)
        from placed as told
        left join line_mark as marks on told.order_line_id = marks.order_line_id
        group by 1, 2, 3, 4, 5, 6
    ),

    marked as (
        select told.*, marks.* exclude (mark),
            if(marks.mark is null, ['none'], list_distinct([marks.one_type, marks.other_type])) as types
        from told
        left join mark as marks on told.mark = marks.mark
    ),

    kinds as (
        select
            unnest(list_filter([
                {'kind': kind, 'trace': trace},
                if(kind in ('line', 'paid_line'), {'kind': 'place', 'trace': place_trace}, null),
                if(kind in ('line', 'paid_line') and because = 'rate', {'kind': 'rate', 'trace': trace}, null),
                if(kind in ('line', 'contract') and has_partner, {'kind': 'partner', 'trace': trace}, null),
                if(kind in ('line', 'contract') and has_term, {'kind': 'term', 'trace': trace}, null),
                if(kind in ('line', 'contract') and is_refund, {'kind': 'refund', 'trace': trace}, null),
                if(kind in ('line', 'contract') and has_no_deal, {'kind': 'no_deal', 'trace': trace}, null)
            ], one -> one is not null), recursive := true),
            * exclude (kind, trace, place_trace)
        from marked
    ),

    holders as (
        select 'crm_user_id=' || crm_user_id || ', opportunity_type=' || unnest(types) as holder, kind, fiscal_year,
            basis, because, touched_amount, trace
        from kinds
        where crm_user_id is not null
        union all
        select 'company', kind, fiscal_year, basis, because, touched_amount, trace from kinds
        where crm_user_id is null
        union all
        -- Of what a deal brought, the year of the win knows, too.
        select 'company', 'of_deal', unnest(list_distinct([of_deals.fiscal_year, days.fiscal_year])), of_deals.basis,
            of_deals.because,
            of_deals.sign * of_deals.touched_amount, of_deals.trace
        from (
            select placed.*, unnest(list_distinct([told.one_deal, told.other_deal])) as opportunity_id
            from placed
            inner join line_told as told on placed.order_line_id = told.order_line_id and told.one_deal is not null
            where placed.kind in ('line', 'contract')
        ) as of_deals
        inner join new.opportunity as deals on of_deals.opportunity_id = deals.opportunity_id
        left join any_day as days on deals.closed_on = days.date_on
    )
select
    kind, 'year', holder, 'as_sold', fiscal_year, basis, because,
    if(kind in ('contract', 'running', 'earned', 'partner', 'term', 'refund', 'of_deal'), null, sum(touched_amount)),
    abs(sum(touched_amount)), false
from holders
where fiscal_year is not null
group by kind, holder, fiscal_year, basis, because
having sum(trace) <> 0;

-- Credit under each policy: of who won the customer, or owned it when the line was sold; what is written off follows
-- the sale.
insert into touch
with
    -- What was written off is in the money of its line's day, and of whoever the sale is credited to: a rate that moved
    -- the line moved it too, and another seller or customer, in the year in which it was written off.
    written_off as (
        select lines.order_line_id, days.fiscal_year
        from warehouse_line.payment_now as payments
        inner join new.order_line as lines on payments.order_line_id = lines.order_line_id
        inner join new.day as days on payments.written_off_on = days.date_on
        union
        select lines.order_line_id, days.fiscal_year
        from warehouse_line.payment_now as payments
        inner join new.order_line as lines on payments.order_id = lines.order_id
        inner join new.day as days on payments.written_off_on = days.date_on
        where payments.order_line_id is null
    ),

    placed as (
        select * from placed
        union all
        select lines.* replace (written_off.fiscal_year as fiscal_year,
            cast(null as decimal(18, 4)) as touched_amount)
        from (
            select * from placed where kind = 'line' and because in ('rate', 're-split', 'merged', 'moved')
        ) as lines
        inner join written_off on lines.order_line_id = written_off.order_line_id
            and lines.fiscal_year <> written_off.fiscal_year
    ),

    shared as (
        select * from shared
        union all
        select lines.* replace (written_off.fiscal_year as fiscal_year,
            cast(null as decimal(18, 4)) as touched_amount)
        from (
            select * from shared where kind = 'line' and because in ('rate', 're-split', 'merged', 'moved')
        ) as lines
        inner join written_off on lines.order_line_id = written_off.order_line_id
            and lines.fiscal_year <> written_off.fiscal_year
    ),

    credited as (
        select 'to_acquirer' as kind, acquirer as crm_user_id, fiscal_year, basis, because,
            sign * if(kind = 'written_off', -1, 1) * touched_amount as touched_amount, trace
        from placed
        where kind in ('line', 'written_off')
        union all
        select
            'to_owner', coalesce(owners.crm_user_id, 'unknown'), placed.fiscal_year, placed.basis, placed.because,
            placed.sign * if(placed.kind = 'written_off', -1, 1) * placed.touched_amount, placed.trace
        from placed
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and placed.ordered_on >= owners.valid_from_on
            and placed.ordered_on < owners.valid_to_on
        where placed.kind in ('line', 'written_off')
        union all
        select 'to_seller', crm_user_id, fiscal_year, basis, because,
            if(kind = 'written_off', -1, 1) * touched_amount, trace
        from shared
        where kind in ('line', 'written_off')
        union all
        -- Under a handover only an account that was handed over is another's than the acquirer's.
        select 'to_heir', owners.crm_user_id, placed.fiscal_year, placed.basis, placed.because, null, placed.trace
        from placed
        inner join owner_side as owners on placed.groups = owners.groups and placed.account_id = owners.account_id
        inner join (
            select account_id from owner_side group by account_id having count(distinct crm_user_id) > 1
        ) as handed_over on placed.account_id = handed_over.account_id
        where placed.kind in ('line', 'written_off')
    )
select kind, 'year', 'crm_user_id=' || coalesce(crm_user_id, 'unknown'), 'as_sold', fiscal_year, basis, because,
    sum(touched_amount), coalesce(abs(sum(touched_amount)), 0), false
from credited
group by 1, 3, 5, 6, 7
having sum(trace) <> 0;

-- Who was kept: of the customers that a segment won, what came in the year and in the one before.
insert into touch
with
    won as (
        select won_region, industry, acquisition_method, fiscal_year, basis, because,
            sum(sign * touched_amount) as touched_amount, sum(trace) as trace
        from placed
        where kind in ('line', 'contract', 'earned')
        group by 1, 2, 3, 4, 5, 6
    )
select
    'kept', 'year', 'segment_type=' || cut.key || ', segment=' || cut.value, 'as_sold', fiscal_year, basis, because,
    null, abs(sum(touched_amount)),
    false
from (
    select
        unnest(map_entries(cuts(won_region, industry, acquisition_method))) as cut, fiscal_year + step as fiscal_year,
        basis, because, touched_amount, trace
    from won
    cross join (select unnest([0, 1]) as step) as steps
) as kept
group by 3, 5, 6, 7
having sum(trace) <> 0;

-- Of a year that has ended since, nothing was told before.
create temp table year_over as
select fiscal_year from new.day group by fiscal_year
having max(date_on) + 1 > getvariable('from_as_of') and max(date_on) + 1 <= getvariable('to_as_of');

delete from touch where kind = 'kept' and fiscal_year in (select fiscal_year from year_over);

insert into touch
select distinct 'kept', 'year', 'segment_type=' || segments.segment_type || ', segment=' || segments.segment,
    'as_sold', years.fiscal_year, bases.basis, 'new', null, 0, false
from new.segment as segments
cross join year_over as years
cross join basis as bases;

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
            case bases.basis
                when 'nominal' then nominal_amount when 'constant' then constant_amount else real_amount
            end as revenue_amount
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
            greatest(case bases.basis
                when 'nominal' then nominal_amount when 'constant' then constant_amount else real_amount
            end, 0) as weight
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

-- At standard cost a person costs what everybody does whose cost is put together. The days of a year that runs share
-- it anew every night.
insert into touch
with
    days as (
        select 'new' as because, fiscal_year from new.day
        where date_on >= getvariable('from_as_of') and date_on < getvariable('to_as_of')
        union
        select people.because, days.fiscal_year
        from (select distinct because, since_on from warehouse_line.told_person) as people
        inner join (select fiscal_year, max(date_on) as end_on from new.day where date_on < getvariable('to_as_of')
            group by 1) as days
            on people.since_on <= days.end_on
    ),

    pooled as (
        select 'year' as reading, fiscal_year, because from days
        union
        select 'career', -1, because from days
    )
select
    'pooled', pooled.reading, 'group_type=company, group_id=company', unnest(['as_sold', 'as_was', 'as_is']),
    pooled.fiscal_year, bases.basis, pooled.because, null, 0, false
from pooled
cross join basis as bases;

-- It stands on the cost of everybody, one by one: what goes from one person to another leaves the company as it was.
insert into touch
select distinct
    'pooled', reading, 'group_type=company, group_id=company', lens, fiscal_year, basis, because,
    null::decimal(18, 4), 0, false
from touch
where kind = 'cost' and starts_with(holder, 'crm_user_id=');

-- An account that somebody else owns from a day on is another's under a handover, sold to or not, since what was due
-- and never came counts too: for whoever had it, from that day's year on.
insert into touch
with
    ends as (
        select groups, account_id, crm_user_id, unnest([valid_from_on, valid_to_on]) as turned_on,
            unnest(['from', 'to']) as kind
        from owner_side
        where account_id in (select id from read_otherwise where kind = 'account')
    ),

    turned as (
        select account_id, min(turned_on) as turned_on
        from (
            select account_id, turned_on
            from ends
            group by account_id, crm_user_id, turned_on, kind
            having count(distinct groups) = 1
            union all
            select account_id, turned_on
            from ends
            where turned_on >= least(getvariable('from_as_of'), getvariable('to_as_of'))
                and turned_on < greatest(getvariable('from_as_of'), getvariable('to_as_of'))
        ) as otherwise
        group by 1
    ),

    holders as (
        select account_id, crm_user_id from owner_side
        union
        select account_id, acquirer from new.customer
    ),

    years as (select fiscal_year, max(date_on) as last_on from new.day group by 1)
select distinct
    'to_heir', 'year', 'crm_user_id=' || coalesce(holders.crm_user_id, 'unknown'), 'as_sold', years.fiscal_year,
    bases.basis, 'moved', null::decimal(18, 4), 0, false
from turned
inner join holders on turned.account_id = holders.account_id
inner join years on turned.turned_on <= years.last_on
cross join basis as bases;
