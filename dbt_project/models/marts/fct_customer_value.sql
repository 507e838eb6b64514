{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_customer_month_change', 'month_on') }}",
    )
}}
select account_id, month_on, owner_crm_user_id, is_over, revenue_amount, realised_ltv_amount, realised_margin_amount
from {{ ref("core_customer_month") }}
where {{ is_made_anew("core_customer_month_change", "month_on") }}
