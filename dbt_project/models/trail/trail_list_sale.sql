-- Which order line is in whose discount of which year: core_list_sale, line by line.
with
    listed as (
        select
            order_line_id,
            crm_user_id,
            account_id,
            fiscal_year,
            list_reporting_amount as list_amount,
            cast(list_reporting_amount - revenue_amount - partner_reporting_amount as decimal(18, 4)) as discount_amount
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and list_reporting_amount is not null
    )

    {{ placed_at_year_end("listed") }}
