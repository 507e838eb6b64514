-- Which order line is in whose discount of which year: core_list_sale, line by line.
with
    listed as (
        select
            order_line_id,
            crm_user_id,
            account_id,
            fiscal_year,
            {%- for basis in var("bases") %}
                {{ based("list_reporting_amount", basis) }} as {{ based("list_amount", basis) }},
                cast(
                    {{ based("list_reporting_amount", basis) }}
                    - {{ based("revenue_amount", basis) }}
                    - {{ based("partner_reporting_amount", basis) }} as decimal(18, 4)
                ) as {{ based("discount_amount", basis) }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and list_reporting_amount is not null
    )

    {{ placed_at_year_end("listed") }}
