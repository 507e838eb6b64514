-- After how many months of their age the customers of a segment and year had brought what the segment
-- cost in that year.
with
    curves as (select * from {{ ref("core_customer_age") }}),

    costs as (
        select segment_type, segment, fiscal_year, basis, {{ sum_amount("cost_amount") }} as cost_amount
        from {{ ref("core_segment_cost") }}
        where lens = 'as_sold' and allocation_key = 'revenue'
        group by 1, 2, 3, 4
    ),

    running as (
        select
            segment_type,
            segment,
            fiscal_year,
            age_month,
            {%- for column in in_bases(values_of_sale()) %} sum({{ column }}) over so_far as {{ column }}, {%- endfor %}
            sum(case when gross_margin_amount is null then 1 else 0 end) over so_far as unknown_margins
        from curves
        window so_far as (partition by segment_type, segment, fiscal_year order by age_month rows unbounded preceding)
    ),

    measured as (
        {% for basis in var("bases") %}
            select
                segment_type,
                segment,
                fiscal_year,
                '{{ basis }}' as basis,
                age_month,
                'revenue' as value_measure,
                {{ based("revenue_amount", basis) }} as value_amount
            from running
            union all
            select
                segment_type,
                segment,
                fiscal_year,
                '{{ basis }}',
                age_month,
                'gross_margin',
                {{ based("gross_margin_amount", basis) }}
            from running
            where unknown_margins = 0
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    measured.segment_type,
    measured.segment,
    measured.fiscal_year,
    measured.basis,
    measured.value_measure,
    min(measured.age_month) + 1 as payback_months
from measured
inner join
    costs
    on measured.segment_type = costs.segment_type
    and measured.segment = costs.segment
    and measured.fiscal_year = costs.fiscal_year
    and measured.basis = costs.basis
where costs.cost_amount > 0 and measured.value_amount >= costs.cost_amount
group by 1, 2, 3, 4, 5
