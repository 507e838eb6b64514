{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_order_line_change') }}",
    )
}}
-- What the lines with a list price would have cost at it, and what they were sold for, a partner's part included, which
-- is no discount: all that discounts need to know of the lines.
select
    crm_user_id,
    account_id,
    fiscal_year,
    {%- for basis in var("bases") %}
        {{ sum_amount(based("list_reporting_amount", basis)) }} as {{ based("list_amount", basis) }},
        {{ sum_amount(based("revenue_amount", basis) ~ " + " ~ based("partner_reporting_amount", basis)) }}
        as {{ based("listed_revenue_amount", basis) }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref("core_order_line") }}
where
    ordered_on < {{ as_of_on() }}
    and list_reporting_amount is not null
    and {{ is_of_changed_year("core_order_line_change") }}
group by 1, 2, 3
