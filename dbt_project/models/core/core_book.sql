{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_customer_month_change', 'month_on') }}",
    )
}}
-- What each owner's customers had brought by each month's end: the book, not yet divided.
select owner_crm_user_id, month_on, last_day_on, is_over, {{ summed_book_values("months") }}
from {{ ref("core_customer_month") }} as months
where {{ is_made_anew("core_customer_month_change", "month_on") }}
group by 1, 2, 3, 4
