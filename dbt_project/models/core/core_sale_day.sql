{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_order_line_change', 'day_on') }}",
    )
}}
-- What each rep sold on each day: all that readings, goals and groups need to know of the lines.
select crm_user_id, ordered_on as day_on, {{ fiscal_year("ordered_on") }} as fiscal_year, {{ summed_sale_values() }}
from {{ ref("core_revenue_share") }}
where ordered_on < {{ as_of_on() }} and {{ is_made_anew("core_order_line_change", "ordered_on") }}
group by 1, 2, 3
