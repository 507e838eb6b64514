{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_order_line_change') }}",
    )
}}
-- What the lines with a list price would have cost at it, and what they were sold for: all that discounts need to
-- know of the lines.
with
    lines as (
        select *
        from {{ ref("core_order_line") }}
        where
            ordered_on < {{ as_of_on() }}
            and revenue_amount is not null
            and list_amount is not null
            and {{ is_of_changed_year("core_order_line_change") }}
    ),

    rates as (select distinct fx_rate_id, fx_rate from {{ ref("core_fx_span") }})

select
    lines.crm_user_id,
    lines.account_id,
    lines.fiscal_year,
    {{ sum_amount(money_product("lines.list_amount", "rates.fx_rate")) }} as list_amount,
    {{ sum_amount("lines.revenue_amount") }} as listed_revenue_amount
from lines
inner join rates on lines.fx_rate_id = rates.fx_rate_id
group by 1, 2, 3
