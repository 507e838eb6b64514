-- A rep-year's cost goes where the rep's revenue of that year came from; under the next-best key, where the customers
-- are. Marketing joins the method that it was spent on; in a pair, by the same key, whoever sold it.
{% set costs = ["cost_amount"] + (["standard_cost_amount"] if "standard" in var("cost_bases") else []) %}
with
    wholes as (select * from {{ ref("core_segment_whole") }}),

    -- Numbered in the order of their names, which settles ties: what is sorted and added up carries no names.
    parts as (
        select segment, row_number() over (order by segment) as part_number
        from
            (
                select segment
                from {{ ref("core_segment_sale") }}
                union
                select other_segment
                from wholes
            ) as named
    ),

    sales as (
        select sales.*, parts.part_number
        from {{ ref("core_segment_sale") }} as sales
        inner join parts on sales.segment = parts.segment
    ),

    sold as (
        {% for basis in var("bases") %}
            select
                'revenue' as allocation_key,
                '{{ basis }}' as basis,
                segment_type,
                segment,
                part_number,
                lens,
                crm_user_id,
                fiscal_year,
                {{ based("revenue_amount", basis) }} as weight
            from sales
            union all
            select
                'customers',
                '{{ basis }}',
                segment_type,
                segment,
                part_number,
                lens,
                crm_user_id,
                fiscal_year,
                cast(account_count as decimal(18, 4))
            from sales
            where lens = 'as_sold'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    sold_by_reps as (select * from sold where crm_user_id <> 'unknown' and weight > 0),

    sold_by_method as (
        select
            sold.allocation_key,
            sold.segment_type,
            sold.part_number,
            segments.second_segment as acquisition_method,
            sold.basis,
            sold.fiscal_year,
            sum(sold.weight) as weight
        from sold
        inner join
            {{ ref("core_segment") }} as segments
            on sold.segment_type = segments.segment_type
            and sold.segment = segments.segment
        where sold.segment_type in ('industry_acquisition_method', 'region_acquisition_method')
        group by 1, 2, 3, 4, 5, 6
        having sum(sold.weight) > 0
    ),

    -- Millions of parts are sorted by one number in a third of the time that the columns of their whole take.
    weighted as (
        {% for kind, sold in {"reps": "sold_by_reps", "marketing": "sold_by_method"}.items() %}
            select
                wholes.whole_number,
                coalesce(sold.part_number, others.part_number) as part_number,
                {% for cost in costs %} wholes.{{ cost }}, {% endfor %}
                coalesce(sold.weight, 1) as weight
            from wholes
            inner join parts as others on wholes.other_segment = others.segment
            left join
                {{ sold }} as sold
                on wholes.allocation_key = sold.allocation_key
                and wholes.segment_type = sold.segment_type
                and wholes.basis = sold.basis
                and wholes.fiscal_year = sold.fiscal_year
                {% if kind == "reps" %} and wholes.lens = sold.lens and wholes.crm_user_id = sold.crm_user_id
                {% else %} and wholes.acquisition_method = sold.acquisition_method
                {% endif %}
            where wholes.cost_kind = '{{ kind }}'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    allocated as (
        {{
            allocate(
                "weighted",
                whole=["whole_number"],
                part=["part_number"],
                amounts=costs,
                weight="weight",
                into=["part_amount", "standard_part_amount"],
            )
        }}
    )

select
    allocated.whole_number,
    parts.segment,
    allocated.part_amount as cost_amount
    {%- if costs | length > 1 %}, allocated.standard_part_amount as standard_cost_amount {%- endif %}
from allocated
inner join parts on allocated.part_number = parts.part_number
