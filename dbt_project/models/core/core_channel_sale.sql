{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_order_line_change') }}",
    )
}}
-- What was sold by each channel. Only the years that tonight's sales touch are added up anew.
select
    fiscal_year,
    channel,
    {{ summed_in_bases("revenue_amount") }},
    cast(count(distinct order_id) as integer) as order_count
from {{ ref("core_order_line") }}
where ordered_on < {{ as_of_on() }} and {{ is_of_changed_year("core_order_line_change") }}
group by 1, 2
