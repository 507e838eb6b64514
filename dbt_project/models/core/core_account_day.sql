-- What each account bought on each day, and in which territory: the lines once, for whoever is read to hold them.
select
    account_id,
    territory_id,
    ordered_on as day_on,
    fiscal_year,
    {{ sum_amount("revenue_amount") }} as revenue_amount,
    {{ sum_if_all_known("gross_margin_amount") }} as gross_margin_amount
from {{ ref("core_order_line") }}
where ordered_on < {{ as_of_on() }} and revenue_amount is not null
group by 1, 2, 3, 4
