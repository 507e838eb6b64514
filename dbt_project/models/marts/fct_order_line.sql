{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_order_line_change', 'ordered_on') }}",
    )
}}
select
    order_line_id,
    order_id,
    account_id,
    delivered_account_id,
    crm_user_id,
    delivered_crm_user_id,
    opportunity_id,
    delivered_opportunity_id,
    territory_id,
    ordered_on,
    fiscal_year,
    channel,
    product_code,
    quantity,
    currency,
    booked_amount,
    partner_amount,
    fx_rate_id,
    revenue_amount,
    gross_margin_amount,
    term_months,
    refunds_order_line_id {{ told_in_other_bases(values_of_sale()) }}
from {{ ref("core_order_line") }}
where {{ is_made_anew("core_order_line_change", "ordered_on") }}
