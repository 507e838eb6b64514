-- A rep-year's cost goes where the rep's revenue of that year came from, through each lens; as sold also, under the
-- next-best key, where the customers are. Marketing joins the method that it was spent on; in a pair, by the same key.
-- At standard cost, where company.toml declares it, the same keys split what the rep's year would cost by the mean.
{% set is_standard = "standard" in var("cost_bases") %}
{% set costs = ["cost_amount"] + (["standard_cost_amount"] if is_standard else []) %}
{% set shares = ["segment_cost_amount", "segment_standard_cost_amount"][: costs | length] %}
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
                    {{ segment_name(["'unknown'", "'unknown'"][: sides | length]) }} as unknown_segment
                union all
            {% endfor %}
        {% endfor %}
        select 'revenue', 'region', 'as_was', 'unknown'
        union all
        select 'revenue', 'region', 'as_is', 'unknown'
    ),

    -- Numbered in the order of their names, which settles ties: what is sorted and added up carries no names.
    parts as (
        select segment, row_number() over (order by segment) as part_number
        from
            (
                select segment
                from {{ ref("core_segment_sale") }}
                union
                select unknown_segment
                from kinds
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

    -- Numbered, since millions of parts are sorted by one number in a third of the time that six columns take.
    wholes as (
        select
            rep_years.*,
            kinds.*,
            parts.part_number as unknown_part_number,
            row_number() over (
                order by
                    rep_years.crm_user_id,
                    rep_years.fiscal_year,
                    rep_years.basis,
                    kinds.allocation_key,
                    kinds.segment_type,
                    kinds.lens
            ) as whole_number
        from rep_years
        cross join kinds
        inner join parts on kinds.unknown_segment = parts.segment
    ),

    weighted as (
        select
            wholes.whole_number,
            coalesce(sold.part_number, wholes.unknown_part_number) as part_number,
            {% for cost in costs %} wholes.{{ cost }}, {% endfor %}
            coalesce(sold.weight, 1) as weight
        from wholes
        left join
            sold_by_reps as sold
            on wholes.allocation_key = sold.allocation_key
            and wholes.segment_type = sold.segment_type
            and wholes.lens = sold.lens
            and wholes.basis = sold.basis
            and wholes.crm_user_id = sold.crm_user_id
            and wholes.fiscal_year = sold.fiscal_year
    ),

    allocated as (
        {{
            allocate(
                "weighted",
                whole=["whole_number"],
                part=["part_number"],
                amounts=costs,
                weight="weight",
                into=shares,
            )
        }}
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

    -- Whoever sold it, unknown among them.
    sold_by_method as (
        select
            sold.allocation_key,
            sold.segment_type,
            sold.segment,
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

    weighted_spend as (
        select
            kinds.allocation_key,
            kinds.segment_type,
            case
                when kinds.segment_type = 'acquisition_method'
                then spend.acquisition_method
                else coalesce(sold.segment, {{ segment_name(["'unknown'", "spend.acquisition_method"]) }})
            end as segment,
            spend.basis,
            spend.acquisition_method,
            spend.fiscal_year,
            spend.cost_amount,
            coalesce(sold.weight, 1) as weight
        from spend
        cross join spend_kinds as kinds
        left join
            sold_by_method as sold
            on kinds.allocation_key = sold.allocation_key
            and kinds.segment_type = sold.segment_type
            and spend.basis = sold.basis
            and spend.acquisition_method = sold.acquisition_method
            and spend.fiscal_year = sold.fiscal_year
    ),

    allocated_spend as (
        {{
            allocate(
                "weighted_spend",
                whole=["allocation_key", "segment_type", "basis", "acquisition_method", "fiscal_year"],
                part=["segment"],
                amounts=["cost_amount"],
                weight="weight",
                into=["segment_cost_amount"],
            )
        }}
    )

select
    wholes.allocation_key,
    wholes.segment_type,
    parts.segment,
    wholes.lens,
    wholes.fiscal_year,
    wholes.basis,
    'reps' as cost_kind,
    wholes.crm_user_id,
    cast(null as varchar) as acquisition_method,
    wholes.cost_amount as whole_cost_amount
    {%- for cost in costs %}, allocated.{{ shares[loop.index0] }} as {{ cost }} {%- endfor %}
from allocated
inner join wholes on allocated.whole_number = wholes.whole_number
inner join parts on allocated.part_number = parts.part_number
union all
select
    allocation_key,
    segment_type,
    segment,
    'as_sold',
    fiscal_year,
    basis,
    'marketing',
    'nobody',
    acquisition_method,
    cost_amount
    {%- for cost in costs %}, segment_cost_amount {%- endfor %}
from allocated_spend
