-- What each account bought between any two days on which a period begins or ends: the lines once, and far fewer than
-- them,
-- for whoever is read to have held the account.
with
    stretches as (select distinct day_on, stretch_from_on from {{ ref("core_period_day") }}),

    lines as (
        select account_id, ordered_on, revenue_amount, gross_margin_amount
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and revenue_amount is not null
    )

select
    lines.account_id,
    stretches.stretch_from_on,
    {{ sum_amount("lines.revenue_amount") }} as revenue_amount,
    {{ sum_if_all_known("lines.gross_margin_amount") }} as gross_margin_amount
from lines
inner join stretches on lines.ordered_on = stretches.day_on
group by 1, 2
