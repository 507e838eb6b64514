{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_customer_month_change', 'month_on') }}",
    )
}}
{% if fiscal_cuts() %}
    -- A month that a year's end cuts is one again: as it ended, with what was bought in either part.
    with
        parts as (
            select
                *,
                {{ month_on("month_on") }} as calendar_month_on,
                sum(revenue_amount) over month_parts as month_revenue_amount,
                max(month_on) over month_parts as last_part_on
            from {{ ref("core_customer_month") }}
            where {{ is_made_anew("core_customer_month_change", "month_on") }}
            window month_parts as (partition by account_id, {{ month_on("month_on") }})
        )

    select
        account_id,
        calendar_month_on as month_on,
        owner_crm_user_id,
        is_over and last_day_on = {{ add_days(add_months("calendar_month_on", 1), -1) }} as is_over,
        cast(month_revenue_amount as decimal(18, 4)) as revenue_amount,
        realised_ltv_amount,
        realised_margin_amount
    from parts
    where month_on = last_part_on
{% else %}
    select account_id, month_on, owner_crm_user_id, is_over, revenue_amount, realised_ltv_amount, realised_margin_amount
    from {{ ref("core_customer_month") }}
    where {{ is_made_anew("core_customer_month_change", "month_on") }}
{% endif %}
