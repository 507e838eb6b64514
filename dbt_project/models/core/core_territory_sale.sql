{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_order_line_change', 'day_on') }}",
    )
}}
-- What was sold in each territory on each day: by the territory of the order, whoever held it.
select territory_id, ordered_on as day_on, {{ summed_sale_values() }}
from {{ ref("core_order_line") }}
where
    ordered_on < {{ as_of_on() }}
    and revenue_amount is not null
    and {{ is_made_anew("core_order_line_change", "ordered_on") }}
group by 1, 2
