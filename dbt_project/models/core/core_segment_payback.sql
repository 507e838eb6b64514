-- After how many months of their age the customers of a segment and year had brought what the segment
-- cost in that year.
with
    curves as (select * from {{ ref("core_customer_age") }}),

    costs as (
        select segment_type, segment, fiscal_year, {{ sum_amount("cost_amount") }} as cost_amount
        from {{ ref("core_segment_cost") }}
        where lens = 'as_sold'
        group by 1, 2, 3
    ),

    running as (
        select
            segment_type,
            segment,
            fiscal_year,
            age_month,
            sum(revenue_amount) over so_far as revenue_amount,
            sum(gross_margin_amount) over so_far as gross_margin_amount,
            sum(case when gross_margin_amount is null then 1 else 0 end) over so_far as unknown_margins
        from curves
        window so_far as (partition by segment_type, segment, fiscal_year order by age_month rows unbounded preceding)
    ),

    measured as (
        select segment_type, segment, fiscal_year, age_month, 'revenue' as value_measure, revenue_amount as value_amount
        from running
        union all
        select segment_type, segment, fiscal_year, age_month, 'gross_margin', gross_margin_amount
        from running
        where unknown_margins = 0
    )

select
    measured.segment_type,
    measured.segment,
    measured.fiscal_year,
    measured.value_measure,
    min(measured.age_month) + 1 as payback_months
from measured
inner join
    costs
    on measured.segment_type = costs.segment_type
    and measured.segment = costs.segment
    and measured.fiscal_year = costs.fiscal_year
where costs.cost_amount > 0 and measured.value_amount >= costs.cost_amount
group by 1, 2, 3, 4
