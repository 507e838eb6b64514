select account_id, month_on, owner_crm_user_id, is_over, revenue_amount, realised_ltv_amount, realised_margin_amount
from {{ ref("core_customer_month") }}
