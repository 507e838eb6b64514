-- What is shared out among segments: a rep-year's cost in each kind of segment, through each lens and, as sold, under
-- the next-best key also; and what was spent on an acquisition method, in each kind of segment that has the method.
-- At standard cost, where company.toml declares it, the same keys split what the rep's year would cost by the mean.
{% set is_standard = "standard" in var("cost_bases") %}
with
    own_years as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                crm_user_id,
                fiscal_year,
                {{ sum_amount(based("cost_amount", basis)) }} as cost_amount,
                {{ sum_amount("case when is_apart then " ~ based("cost_amount", basis) ~ " end") }} as apart_cost_amount
            from {{ ref("core_rep_cost") }}
            where crm_user_id is not null and month_on < {{ as_of_on() }}
            group by 1, 2, 3
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- What is in no person's year, paid once or for long leave, has no mean: it is as it was paid.
    rep_years as (
        select
            own_years.*
            {%- if is_standard %}
                ,
                cast(
                    coalesce(
                        {{ of_basis("cost_amount", "standards", "own_years.basis") }} + own_years.apart_cost_amount,
                        own_years.cost_amount
                    ) as decimal(18, 4)
                ) as standard_cost_amount
            {%- endif %}
        from own_years
        {% if is_standard %}
            left join
                {{ ref("core_standard_cost") }} as standards
                on own_years.crm_user_id = standards.crm_user_id
                and own_years.fiscal_year = standards.fiscal_year
        {% endif %}
    ),

    kinds as (
        {% for key in segment_allocation_keys() %}
            {% for type, sides in segment_cuts().items() %}
                select
                    '{{ key }}' as allocation_key,
                    '{{ type }}' as segment_type,
                    'as_sold' as lens,
                    {{ segment_name(["'unknown'", "'unknown'"][: sides | length]) }} as other_segment
                union all
            {% endfor %}
        {% endfor %}
        select 'revenue', 'region', 'as_was', 'unknown'
        union all
        select 'revenue', 'region', 'as_is', 'unknown'
    ),

    spend as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                acquisition_method,
                fiscal_year,
                {{ sum_amount(based("spend_amount", basis)) }} as cost_amount
            from {{ ref("core_marketing_line") }}
            where month_on < {{ as_of_on() }}
            group by 1, 2, 3
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    spend_kinds as (
        {% for key in segment_allocation_keys() %}
            {% for type, sides in segment_cuts().items() if sides[-1] == "acquisition_method" %}
                select '{{ key }}' as allocation_key, '{{ type }}' as segment_type
                {% if not loop.last %}
                    union all
                {% endif %}
            {% endfor %}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    wholes as (
        select
            kinds.allocation_key,
            kinds.segment_type,
            kinds.lens,
            rep_years.fiscal_year,
            rep_years.basis,
            'reps' as cost_kind,
            rep_years.crm_user_id,
            cast(null as varchar) as acquisition_method,
            kinds.other_segment,
            rep_years.cost_amount
            {%- if is_standard %}, rep_years.standard_cost_amount {%- endif %}
        from rep_years
        cross join kinds
        union all
        select
            kinds.allocation_key,
            kinds.segment_type,
            'as_sold',
            spend.fiscal_year,
            spend.basis,
            'marketing',
            'nobody',
            spend.acquisition_method,
            case
                when kinds.segment_type = 'acquisition_method'
                then spend.acquisition_method
                else {{ segment_name(["'unknown'", "spend.acquisition_method"]) }}
            end,
            spend.cost_amount
            {%- if is_standard %}, spend.cost_amount {%- endif %}
        from spend
        cross join spend_kinds as kinds
    )

select
    *,
    row_number() over (
        order by crm_user_id, acquisition_method, fiscal_year, basis, allocation_key, segment_type, lens
    ) as whole_number
from wholes
