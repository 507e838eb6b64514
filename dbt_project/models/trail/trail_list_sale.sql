-- Which order line is in whose discount of which year: core_list_sale, line by line.
with
    lines as (
        select lines.*, {{ money_product("lines.list_amount", "rates.fx_rate") }} as list_reporting_amount
        from {{ ref("core_order_line") }} as lines
        inner join
            (select distinct fx_rate_id, fx_rate from {{ ref("core_fx_span") }}) as rates
            on lines.fx_rate_id = rates.fx_rate_id
        where lines.ordered_on < {{ as_of_on() }} and lines.revenue_amount is not null and lines.list_amount is not null
    ),

    listed as (
        select
            order_line_id,
            crm_user_id,
            account_id,
            fiscal_year,
            list_reporting_amount as list_amount,
            cast(list_reporting_amount - revenue_amount as decimal(18, 4)) as discount_amount,
            cast(null as decimal(9, 4)) as split_pct,
            1 as times
        from lines
    )

    {{ placed_at_year_end("listed") }}
