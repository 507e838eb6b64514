-- The source keeps one rate for all years. A rate of 0 gives amounts of 0, since paying none is known, too.
with
    sales_people as (select * from {{ ref("prep_adventureworks__sales_person") }}),

    orders as (select * from {{ ref("prep_adventureworks__sales_order_header") }}),

    months as (
        select
            salespersonid,
            {{ month_on("orderdate") }} as period_start_on,
            {{ sum_amount("subtotal") }} as revenue_amount,
            _source,
            _extract_date
        from orders
        group by salespersonid, {{ month_on("orderdate") }}, _source, _extract_date
    ),

    months_so_far as (
        select
            *,
            cast(
                sum(revenue_amount) over (
                    partition by _source, _extract_date, salespersonid order by period_start_on
                ) as decimal(18, 4)
            ) as revenue_so_far_amount
        from months
    ),

    -- Rounding what was earned so far, and not each month, lets the months add up to the whole.
    commission as (
        select
            cast(sales_people.businessentityid as varchar) as employee_number,
            months_so_far.period_start_on,
            {{ add_months("months_so_far.period_start_on", 1) }} as period_end_on,
            'commission' as item_code,
            {{ money_product("months_so_far.revenue_so_far_amount", "sales_people.commissionpct") }}
            - {{
                money_product(
                    "(months_so_far.revenue_so_far_amount - months_so_far.revenue_amount)", "sales_people.commissionpct"
                )
            }} as pay_amount,
            sales_people._source,
            sales_people._extract_date,
            sales_people._file,
            sales_people._line
        from sales_people
        inner join
            months_so_far
            on {{ same_extract("sales_people", "months_so_far") }}
            and sales_people.businessentityid = months_so_far.salespersonid
    )

select *
from commission
