-- What was sold and won in each territory on each day, whoever held it: by the territory of the order.
with
    events as (
        select territory_id, day_on, {{ sale_values() }}, 0 as new_customers
        from {{ ref("core_territory_sale") }}
        union all
        select territory_id, acquired_on, {{ no_sale_values() }}, 1
        from {{ ref("core_acquisition") }}
    )

select territory_id, day_on, {{ summed_sale_values() }}, sum(new_customers) as new_customers
from events
group by 1, 2
