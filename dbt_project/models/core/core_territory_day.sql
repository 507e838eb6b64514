-- What was sold and won in each territory on each day, whoever held it: by the territory of the order.
with
    events as (
        select territory_id, ordered_on as day_on, revenue_amount, gross_margin_amount, 0 as new_customers
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and revenue_amount is not null
        union all
        select territory_id, acquired_on, cast(0 as decimal(18, 4)), cast(0 as decimal(18, 4)), 1
        from {{ ref("core_acquisition") }}
    )

select
    territory_id,
    day_on,
    {{ sum_amount("revenue_amount") }} as revenue_amount,
    {{ sum_if_all_known("gross_margin_amount") }} as gross_margin_amount,
    sum(new_customers) as new_customers
from events
group by 1, 2
