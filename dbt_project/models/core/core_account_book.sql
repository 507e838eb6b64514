{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_customer_month_change') }}",
    )
}}
-- What each customer had brought by each month's end that is over, as it counts in a book, summed over a fiscal year.
select account_id, {{ fiscal_year("month_on") }} as fiscal_year, {{ summed_book_values("months") }}
from {{ ref("core_customer_month") }} as months
where is_over and {{ is_of_changed_year("core_customer_month_change", fiscal_year("month_on")) }}
group by 1, 2
