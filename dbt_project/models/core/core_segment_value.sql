-- What each segment brought: sold in a year, and by the customers won in a year at equal ages.
with
    lines as (select * from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}),

    segments as (select * from {{ ref("core_segment") }}),

    acquisitions as (select * from {{ ref("core_acquisition") }}),

    ages as (
        {% for age in ["12", "24", "36", "null"] %}
            select cast({{ age }} as integer) as age_months
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    sold as (
        select
            segments.segment_type,
            segments.segment,
            'year' as reading,
            lines.fiscal_year,
            cast(null as integer) as age_months,
            {{ sum_amount("lines.revenue_amount") }} as revenue_amount,
            {{ sum_if_all_known("lines.gross_margin_amount") }} as gross_margin_amount
        from lines
        inner join segments on lines.order_line_id = segments.order_line_id
        group by 1, 2, 3, 4, 5
    ),

    won as (
        select
            segments.segment_type,
            segments.segment,
            'cohort',
            acquisitions.fiscal_year,
            ages.age_months,
            {{ sum_amount("lines.revenue_amount") }},
            {{ sum_if_all_known("lines.gross_margin_amount") }}
        from lines
        inner join segments on lines.order_line_id = segments.order_line_id
        inner join acquisitions on lines.account_id = acquisitions.account_id
        inner join
            ages
            on ages.age_months is null
            or lines.ordered_on < {{ add_months("acquisitions.acquired_on", "ages.age_months") }}
        group by 1, 2, 3, 4, 5
    )

select *
from sold
union all
select *
from won
