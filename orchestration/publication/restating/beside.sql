-- What was told of a line beside what it sold: its term, its deal, its list price, what was invoiced and paid for it,
-- and the days of a contract that have passed since. It adds no money to a figure that is a sum of lines, and tells
-- the others that something of theirs moved.

-- In which years each part of a payment counts: then, and now.
create temp table paid_part as
select
    paid.*, coalesce(paid.order_line_id, lines.order_line_id) as of_order_line_id, days.fiscal_year,
    opened.fiscal_year as opened_year
from (
    select 'old' as side, *, least(invoiced_on, collected_on, written_off_on) as opened_on, unnest([
        {'kind': 'invoiced', 'paid_on': invoiced_on, 'paid_amount': invoiced_amount},
        {'kind': 'collected', 'paid_on': collected_on, 'paid_amount': collected_amount},
        {'kind': 'written_off', 'paid_on': written_off_on, 'paid_amount': written_off_amount}
    ], recursive := true)
    from warehouse_line.payment_then
    union all
    select 'new', *, least(invoiced_on, collected_on, written_off_on), unnest([
        {'kind': 'invoiced', 'paid_on': invoiced_on, 'paid_amount': invoiced_amount},
        {'kind': 'collected', 'paid_on': collected_on, 'paid_amount': collected_amount},
        {'kind': 'written_off', 'paid_on': written_off_on, 'paid_amount': written_off_amount}
    ], recursive := true)
    from warehouse_line.payment_now
) as paid
left join new.order_line as lines on paid.order_line_id is null and paid.order_id = lines.order_id
left join any_day as days on paid.paid_on = days.date_on
left join any_day as opened on paid.opened_on = opened.date_on
where paid.paid_amount <> 0 and paid.paid_on < if(side = 'old', getvariable('from_as_of'), getvariable('to_as_of'));

create temp table told_beside as
with
    contract as (
        select odd.order_line_id, if(odd.has_merged_deal, 'merged', 'corrected') as because
        from odd_line as odd
        semi join old.order_line as known on odd.order_line_id = known.order_line_id
        where odd.is_told_otherwise
        union
        select told.order_line_id, 'corrected'
        from warehouse_line.told_order_line as told
        semi join old.order_line as known on told.order_line_id = known.order_line_id
        union
        -- What is taken back ends the contract of the sale.
        select refunds.refunds_order_line_id, signed.because
        from signed
        inner join (
            select order_line_id, refunds_order_line_id from old_line
            union select order_line_id, refunds_order_line_id from new_line
        ) as refunds on signed.order_line_id = refunds.order_line_id
        where refunds.refunds_order_line_id is not null
    ),

    payment as (
        select
            coalesce(a.kind, b.kind) as kind,
            case
                when a.payment_id is not null then 'corrected'
                when b.paid_on < getvariable('from_as_of') then 'late'
                else 'new'
            end as because,
            unnest(list_distinct([row(a.of_order_line_id, a.fiscal_year, a.opened_year),
                row(b.of_order_line_id, b.fiscal_year, b.opened_year)])) as place,
            coalesce(b.paid_amount, 0) - coalesce(a.paid_amount, 0) as touched_amount
        from (select * from paid_part where side = 'old') as a
        full join (select * from paid_part where side = 'new') as b
            on a.payment_id = b.payment_id and a.kind = b.kind
                and a.of_order_line_id is not distinct from b.of_order_line_id
        where
            row(a.paid_amount, a.paid_on, a.currency, a.opened_on)
                is distinct from row(b.paid_amount, b.paid_on, b.currency, b.opened_on)
    ),

    -- Of a line that nobody knew when it was paid, or that nobody knows any more: then, or now, it is unknown whose.
    unplaced as (
        select
            paid.kind, if(lines.ordered_on < getvariable('from_as_of'), 'late', 'new') as because,
            paid.fiscal_year, paid.opened_year, -paid.paid_amount as touched_amount
        from paid_part as paid
        inner join new.order_line as lines on paid.of_order_line_id = lines.order_line_id
        where paid.side = 'old' and paid.of_order_line_id not in (select order_line_id from old.order_line)
        union all
        select kind, 'corrected', fiscal_year, opened_year, paid_amount
        from paid_part
        where side = 'new' and of_order_line_id in (select order_line_id from old.order_line)
            and of_order_line_id not in (select order_line_id from new.order_line)
    ),

    -- Where nobody's value stands on what is earned, one line tells it of all that a rep sold in a year.
    running as (
        select min(lines.order_line_id) as order_line_id, lines.fiscal_year,
            sum(abs(lines.revenue_amount)) as touched_amount
        from new.order_line as lines
        left join new.opportunity as deals on lines.opportunity_id = deals.opportunity_id
        where
            lines.term_months > 0
            and lines.ordered_on < getvariable('to_as_of')
            and lines.ordered_on + to_months(least(lines.term_months, 1200)) > getvariable('from_as_of')
            and getvariable('from_as_of') < getvariable('to_as_of')
        group by
            lines.fiscal_year, lines.crm_user_id, lines.opportunity_id is null, deals.opportunity_type,
            if(lines.order_line_id in (select order_line_id from new.revenue_share)
                or 'recognised' in (select value_measure from new.measure), lines.order_line_id, null)
    ),

    passed as (
        select distinct fiscal_year from new.day
        where date_on >= getvariable('from_as_of') and date_on < getvariable('to_as_of')
    )
select 'contract' as kind, because, order_line_id, null as fiscal_year, null as touched_amount from contract
union all
select kind, because, place[1], place[2], touched_amount from payment where place[2] is not null
union all
select 'open', because, place[1], place[3], if(kind = 'invoiced', 1, -1) * touched_amount from payment
where place[3] is not null
union all
select kind, because, null, fiscal_year, touched_amount from unplaced where fiscal_year is not null
union all
select 'open', because, null, opened_year, if(kind = 'invoiced', 1, -1) * touched_amount
from unplaced
where opened_year is not null
union all
select 'running', 'new', order_line_id, fiscal_year, touched_amount from running
union all
select 'running', 'new', running.order_line_id, passed.fiscal_year, running.touched_amount
from running
inner join passed on running.fiscal_year <> passed.fiscal_year;

insert into split
select 'new', shares.order_line_id, shares.crm_user_id, shares.basis, shares.split_pct, shares.revenue_amount,
    shares.gross_margin_amount
from new.share_in_basis as shares
semi join told_beside as told on shares.order_line_id = told.order_line_id
anti join new_line as known on shares.order_line_id = known.order_line_id and shares.basis = known.basis
where shares.basis in (select basis from basis);

insert into signed by name
select
    told.kind, told.because, 1 as sign, told.order_line_id, bases.basis, lines.account_id,
    coalesce(lines.crm_user_id, 'unknown') as crm_user_id, lines.ordered_on,
    coalesce(told.fiscal_year, lines.fiscal_year) as fiscal_year, lines.channel, lines.territory_id,
    0 as revenue_amount, 0 as gross_margin_amount,
    'new' as sellers, 'new' as side, 'new' as groups,
    coalesce(told.touched_amount, abs(lines.revenue_amount)) as touched_amount
from told_beside as told
cross join basis as bases
left join new.order_line as lines on told.order_line_id = lines.order_line_id;

-- What is paid for a line is its seller's, at the rate of its day, in the years of the payment.
insert into signed by name
select
    'paid_line' as kind, signed.because, signed.sign, signed.order_line_id, signed.basis, signed.account_id,
    signed.crm_user_id, signed.ordered_on,
    paid.fiscal_year, signed.channel, signed.territory_id, 0 as revenue_amount, 0 as gross_margin_amount,
    signed.sellers, signed.side, signed.groups,
    signed.revenue_amount as touched_amount
from signed
inner join (
    select of_order_line_id, fiscal_year from paid_part union select of_order_line_id, opened_year from paid_part
) as paid on signed.order_line_id = paid.of_order_line_id and signed.fiscal_year <> paid.fiscal_year
where signed.kind = 'line';

-- A contract is earned in later years, too.
insert into signed by name
select
    'earned' as kind, signed.because, signed.sign, signed.order_line_id, signed.basis, signed.account_id,
    signed.crm_user_id, signed.ordered_on,
    unnest(range(signed.fiscal_year + 1, signed.fiscal_year + 2 + cast(ceil(terms.term_months / 12) as bigint)))
        as fiscal_year, signed.channel, signed.territory_id,
    0 as revenue_amount, 0 as gross_margin_amount, signed.sellers, signed.side, signed.groups,
    signed.revenue_amount as touched_amount
from signed
inner join (
    select order_line_id, least(max(term_months), 240) as term_months
    from (select order_line_id, term_months from old.order_line
        union select order_line_id, term_months from new.order_line) as told
    where term_months > 0 and order_line_id in (select order_line_id from signed)
    group by 1
) as terms on signed.order_line_id = terms.order_line_id
where signed.kind in ('line', 'contract');
