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
    {{ sum_amount("list_reporting_amount") }} as list_amount,
    {{ sum_amount("revenue_amount + partner_reporting_amount") }} as listed_revenue_amount
from {{ ref("core_order_line") }}
where
    ordered_on < {{ as_of_on() }}
    and list_reporting_amount is not null
    and {{ is_of_changed_year("core_order_line_change") }}
group by 1, 2, 3
