-- What each holder cost through each lens, a fiscal year at a time and over all of them (null): the denominator of
-- every ratio. Cost never leaves the person; a lens moves it between groups alone. A person's year is without what is
-- paid once; a career and a group have it. What is paid once is direct.
{% set sums = ["cost_amount", "estimated_amount"] %}
{% for part in cost_parts() %} {% do sums.append(part ~ "_cost_amount") %} {% endfor %}
{% set amounts = in_bases(sums + ["apart_amount", "estimated_apart_amount"]) %}
with
    months as (
        select
            costs.crm_user_id,
            costs.fiscal_year,
            months.last_day_on
            {% for basis in var("bases") %}
                {%- set cost_amount = "costs." ~ based("cost_amount", basis) %},
                {{ sum_amount(cost_amount) }} as {{ based("cost_amount", basis) }},
                {{ sum_amount("case when costs.is_apart then " ~ cost_amount ~ " end") }}
                as {{ based("apart_amount", basis) }},
                {{ sum_amount("case when costs.is_estimated then " ~ cost_amount ~ " end") }}
                as {{ based("estimated_amount", basis) }},
                {{ sum_amount("case when costs.is_estimated and costs.is_apart then " ~ cost_amount ~ " end") }}
                as {{ based("estimated_apart_amount", basis) }}
                {%- for part in cost_parts() %}
                    ,
                    {{ sum_amount("case when costs.cost_part = '" ~ part ~ "' then " ~ cost_amount ~ " end") }}
                    as {{ based(part ~ "_cost_amount", basis) }}
                {%- endfor %}
            {% endfor %}
        from {{ ref("core_rep_cost") }} as costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        where costs.crm_user_id is not null and costs.month_on < {{ as_of_on() }}
        group by 1, 2, 3
    ),

    costs as (
        select
            lens_years.lens,
            months.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id,
            months.fiscal_year,
            {{ amounts | join(", ") }}
        from months
        inner join {{ ref("core_lens_year") }} as lens_years on months.fiscal_year = lens_years.fiscal_year
        inner join
            {{ ref("core_rep_group") }} as groups
            on months.crm_user_id = groups.crm_user_id
            and coalesce(lens_years.read_on, months.last_day_on) = groups.day_on
    ),

    held_costs as ({{ held_by_each("costs", "lens, fiscal_year, " ~ amounts | join(", ")) }}),

    year_costs as (
        select
            holder_type,
            holder_id,
            lens,
            fiscal_year
            {%- for amount in amounts %}, {{ sum_amount(amount) }} as {{ amount }} {%- endfor %}
        from held_costs
        group by 1, 2, 3, 4
    ),

    all_costs as (
        select *
        from year_costs
        union all
        select
            'territory_tree',
            tree.tree_territory_id,
            costs.lens,
            costs.fiscal_year
            {%- for amount in amounts %}, {{ sum_amount("costs." ~ amount) }} {%- endfor %}
        from year_costs as costs
        inner join
            {{ ref("core_territory_tree") }} as tree
            on costs.holder_id = tree.territory_id
            and costs.lens = tree.lens
            and costs.fiscal_year = tree.fiscal_year
        where costs.holder_type = 'territory'
        group by 1, 2, 3, 4
    )

select
    holder_type,
    holder_id,
    lens,
    fiscal_year
    {% for basis in var("bases") %}
        {% for sum in sums %}
            {%- set amount = based(sum, basis) %}
            {%- set apart = {"cost_amount": "apart_amount", "direct_cost_amount": "apart_amount", "estimated_amount": "estimated_apart_amount"} %},
            {% if sum in apart %}
                cast(
                    case
                        when holder_type = 'rep' then {{ amount }} - {{ based(apart[sum], basis) }} else {{ amount }}
                    end as decimal(18, 4)
                ) as {{ amount }}
            {% else %} {{ amount }}
            {% endif %}
        {% endfor %}
    {% endfor %}
from all_costs
union all
select holder_type, holder_id, lens, null {% for amount in in_bases(sums) %}, {{ sum_amount(amount) }}{% endfor %}
from all_costs
group by 1, 2, 3
