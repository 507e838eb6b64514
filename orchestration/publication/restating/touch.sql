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
