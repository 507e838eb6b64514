-- What the customers of each segment and year brought by the month of their age: the curve of each cohort.
with
    lines as (
        select
            lines.account_id,
            lines.ordered_on,
            {{ sale_values("lines") }},
            acquisitions.acquired_on,
            (extract(year from lines.ordered_on) - extract(year from acquisitions.acquired_on)) * 12
            + extract(month from lines.ordered_on)
            - extract(month from acquisitions.acquired_on) as months_begun
        from {{ ref("core_order_line") }} as lines
        inner join {{ ref("core_acquisition") }} as acquisitions on lines.account_id = acquisitions.account_id
        where lines.ordered_on < {{ as_of_on() }} and lines.revenue_amount is not null
    ),

    aged as (
        select
            account_id,
            -- Before a customer was won it bought without a rep: its first month.
            cast(
                greatest(
                    case
                        when {{ add_months("acquired_on", "months_begun") }} <= ordered_on
                        then months_begun
                        else months_begun - 1
                    end,
                    0
                ) as integer
            ) as age_month,
            {{ sale_values() }}
        from lines
    ),

    monthly as (select account_id, age_month, {{ summed_sale_values() }} from aged group by 1, 2),

    segments as (
        select account_id, segment_type, segment, fiscal_year
        from {{ ref("core_customer_segment") }}
        where lens = 'as_sold'
    )

select
    segments.segment_type,
    segments.segment,
    segments.fiscal_year,
    monthly.age_month,
    {{ summed_sale_values("monthly") }}
from monthly
inner join segments on monthly.account_id = segments.account_id
group by 1, 2, 3, 4
