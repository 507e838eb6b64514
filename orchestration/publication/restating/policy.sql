-- What moved in the credit under each policy: of who won the customer, or owned it when the line was sold; what is
-- refunded and written off follows the sale.

-- Of each refund its sale, then or now.
create temp table refunded as
select distinct refunds.order_line_id, sales.order_line_id as sale_id, sales.ordered_on as sold_on
from (
    select order_line_id, refunds_order_line_id from new.order_line where refunds_order_line_id is not null
    union
    select order_line_id, refunds_order_line_id from old.order_line where refunds_order_line_id is not null
) as refunds
inner join new.order_line as sales on refunds.refunds_order_line_id = sales.order_line_id;

-- What was given up of a sale is of whoever the sale is credited to: another seller or customer moved it too, in the
-- year in which it was refunded or written off. A write-off is in the money of the sale's day besides.
create temp table undone as
select refunded.sale_id as order_line_id, lines.fiscal_year, false as is_in_money_of_sale
from refunded
inner join new.order_line as lines on refunded.order_line_id = lines.order_line_id
union
select lines.order_line_id, days.fiscal_year, true
from warehouse_line.payment_now as payments
inner join new.order_line as lines on payments.order_line_id = lines.order_line_id
inner join new.day as days on payments.written_off_on = days.date_on
union
select lines.order_line_id, days.fiscal_year, true
from warehouse_line.payment_now as payments
inner join new.order_line as lines on payments.order_id = lines.order_id
inner join new.day as days on payments.written_off_on = days.date_on
where payments.order_line_id is null;

create macro with_undone(steps) as table
select * from query_table(steps)
union all
select lines.* replace (undone.fiscal_year as fiscal_year, cast(null as decimal(18, 4)) as touched_amount,
    if(lines.because = 'corrected', lines.place_trace, lines.trace) as trace)
from query_table(steps) as lines
inner join undone
    on lines.order_line_id = undone.order_line_id
    and lines.fiscal_year <> undone.fiscal_year
    and (undone.is_in_money_of_sale or lines.because <> 'rate')
where lines.kind = 'line' and lines.because in ('rate', 're-split', 'merged', 'moved', 'corrected');

insert into touch
with
    placed as (select * from with_undone('main.placed')),

    shared as (select * from with_undone('main.shared')),

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
        left join refunded on placed.order_line_id = refunded.order_line_id
        left join owner_side as owners
            on placed.groups = owners.groups
            and placed.account_id = owners.account_id
            and coalesce(refunded.sold_on, placed.ordered_on) >= owners.valid_from_on
            and coalesce(refunded.sold_on, placed.ordered_on) < owners.valid_to_on
        where placed.kind in ('line', 'written_off')
        union all
        select 'to_seller', crm_user_id, fiscal_year, basis, because,
            if(kind = 'written_off', -1, 1) * touched_amount, trace
        from shared
        where kind in ('line', 'written_off')
        union all
        select 'to_seller', sellers.crm_user_id, placed.fiscal_year, placed.basis, placed.because, null, placed.trace
        from placed
        inner join refunded on placed.order_line_id = refunded.order_line_id
        inner join (
            select order_line_id, crm_user_id from old.revenue_share
            union select order_line_id, crm_user_id from new.revenue_share
            union select order_line_id, crm_user_id from new.order_line
        ) as sellers on refunded.sale_id = sellers.order_line_id
        where placed.kind = 'line'
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

-- What was handed over is what the year before brought, and is due in the year after: a line moves what its account's
-- heir and whoever had it are credited with on each day of either, up to that on which what never came is taken off.
-- When that day has come, it moves by itself.
insert into touch
with
    days as (
        select account_id, unnest([valid_from_on, valid_to_on]) as turned_on from owner_side
    ),

    turns as (
        select
            account_id, turned_on,
            cast(least(
                turned_on + interval 1 year,
                coalesce(lead(turned_on) over (partition by account_id order by turned_on), date '9999-12-31')
            ) as date) - 1 as declined_on
        from (select distinct * from days) as told
        where turned_on > date '1000-01-01' and turned_on < date '9000-01-01'
    ),

    holders as (
        select account_id, crm_user_id from owner_side
        union
        select account_id, acquirer from new.customer
        union
        select account_id, 'unknown' from turns
    ),

    lines as (
        select account_id, ordered_on, basis, because, sum(sign * touched_amount) as touched_amount
        from placed
        where kind = 'line'
        group by 1, 2, 3, 4
        having sum(trace) <> 0
    ),

    dues as (
        select turns.account_id, unnest(list_distinct([turned.fiscal_year, declined.fiscal_year])) as fiscal_year,
            lines.basis, lines.because, lines.touched_amount
        from turns
        inner join lines
            on turns.account_id = lines.account_id
            and lines.ordered_on >= turns.turned_on - interval 1 year
            and lines.ordered_on < turns.turned_on + interval 1 year
        inner join new.day as turned on turns.turned_on = turned.date_on
        left join new.day as declined on turns.declined_on = declined.date_on
        union all
        select turns.account_id, days.fiscal_year, bases.basis, 'new', 0
        from turns
        inner join new.day as days on turns.declined_on = days.date_on
        cross join basis as bases
        where turns.declined_on >= getvariable('from_as_of') and turns.declined_on < getvariable('to_as_of')
    )
select
    'to_heir', 'year', 'crm_user_id=' || coalesce(holders.crm_user_id, 'unknown'), 'as_sold', dues.fiscal_year,
    dues.basis, dues.because, null::decimal(18, 4), sum(abs(dues.touched_amount)), false
from dues
inner join holders on dues.account_id = holders.account_id
where dues.fiscal_year is not null
group by holders.crm_user_id, dues.fiscal_year, dues.basis, dues.because;
