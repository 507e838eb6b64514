-- A rep-year's cost goes where the rep's revenue of that year came from; marketing joins the method that it was spent
-- on. Through each lens.
with
    rep_years as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                crm_user_id,
                fiscal_year,
                {{ sum_amount(based("cost_amount", basis)) }} as cost_amount
            from {{ ref("core_rep_cost") }}
            where crm_user_id is not null and month_on < {{ as_of_on() }}
            group by 1, 2, 3
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    sold as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                segment_type,
                segment,
                lens,
                crm_user_id,
                fiscal_year,
                {{ based("revenue_amount", basis) }} as weight_amount
            from {{ ref("core_segment_sale") }}
            where crm_user_id <> 'unknown' and {{ based("revenue_amount", basis) }} > 0
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    kinds as (
        {% for type in segment_types() %}
            select '{{ type }}' as segment_type, 'as_sold' as lens
            union all
        {% endfor %}
        select 'region', 'as_was'
        union all
        select 'region', 'as_is'
    ),

    weighted as (
        select
            kinds.segment_type,
            kinds.lens,
            coalesce(sold.segment, 'unknown') as segment,
            rep_years.basis,
            rep_years.crm_user_id,
            rep_years.fiscal_year,
            rep_years.cost_amount,
            coalesce(sold.weight_amount, 1) as weight_amount
        from rep_years
        cross join kinds
        left join
            sold
            on kinds.segment_type = sold.segment_type
            and kinds.lens = sold.lens
            and rep_years.basis = sold.basis
            and rep_years.crm_user_id = sold.crm_user_id
            and rep_years.fiscal_year = sold.fiscal_year
    ),

    allocated as (
        {{
            allocate(
                "weighted",
                whole=["segment_type", "lens", "basis", "crm_user_id", "fiscal_year"],
                part=["segment"],
                amounts=["cost_amount"],
                weight="weight_amount",
                into=["segment_cost_amount"],
            )
        }}
    )

select
    segment_type,
    segment,
    lens,
    fiscal_year,
    basis,
    'reps' as cost_kind,
    crm_user_id,
    cost_amount as whole_cost_amount,
    segment_cost_amount as cost_amount
from allocated
{% for basis in var("bases") %}
    union all
    select
        'acquisition_method',
        acquisition_method,
        'as_sold',
        fiscal_year,
        '{{ basis }}',
        'marketing',
        'nobody',
        {{ sum_amount(based("spend_amount", basis)) }},
        {{ sum_amount(based("spend_amount", basis)) }}
    from {{ ref("core_marketing_line") }}
    where month_on < {{ as_of_on() }}
    group by 1, 2, 3, 4, 5
{% endfor %}
