-- What each segment brought through each lens: sold in a year, and by the customers won in a year at equal ages.
with
    sales as (select * from {{ ref("core_segment_sale") }}),

    customers as (select * from {{ ref("core_customer_ltv") }}),

    customer_segments as (select * from {{ ref("core_customer_segment") }}),

    sold as (
        select
            segment_type,
            segment,
            lens,
            'year' as reading,
            fiscal_year,
            cast(null as integer) as age_months,
            cast(0 as bigint) as customers_acquired,
            {{ summed_sale_values() }},
            cast(null as date) as last_acquired_on
        from sales
        group by 1, 2, 3, 4, 5, 6
    ),

    won as (
        select
            customer_segments.segment_type,
            customer_segments.segment,
            customer_segments.lens,
            'cohort',
            customer_segments.fiscal_year,
            customers.age_months,
            count(*),
            {{ summed_sale_values("customers") }},
            max(customer_segments.acquired_on)
        from customers
        inner join customer_segments on customers.account_id = customer_segments.account_id
        group by 1, 2, 3, 4, 5, 6
    )

select *
from sold
union all
select *
from won
