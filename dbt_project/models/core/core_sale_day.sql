-- What each rep sold on each day: all that readings, goals and groups need to know of the lines.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    shares as (select * from {{ ref("core_revenue_share") }})

select
    shares.crm_user_id,
    lines.ordered_on as day_on,
    lines.fiscal_year,
    {{ sum_amount("shares.revenue_amount") }} as revenue_amount,
    {{ sum_if_all_known("shares.gross_margin_amount") }} as gross_margin_amount
from shares
inner join lines on shares.order_line_id = lines.order_line_id
group by 1, 2, 3
