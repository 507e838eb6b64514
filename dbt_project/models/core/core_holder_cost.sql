-- What each holder cost through each lens, a fiscal year at a time and over all of them (null): the denominator of
-- every ratio. Cost never leaves the person; a lens moves it between groups alone. A person's year is without what is
-- paid once; a career and a group have it.
{% set amounts = in_bases(["cost_amount", "apart_amount", "estimated_amount", "estimated_apart_amount"]) | join(", ") %}
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
            {{ amounts }}
        from months
        inner join {{ ref("core_lens_year") }} as lens_years on months.fiscal_year = lens_years.fiscal_year
        inner join
            {{ ref("core_rep_group") }} as groups
            on months.crm_user_id = groups.crm_user_id
            and coalesce(lens_years.read_on, months.last_day_on) = groups.day_on
    ),

    held_costs as ({{ held_by_each("costs", "lens, fiscal_year, " ~ amounts) }}),

    year_costs as (
        select
            holder_type,
            holder_id,
            lens,
            fiscal_year,
            {{ summed_in_bases("cost_amount") }},
            {{ summed_in_bases("apart_amount") }},
            {{ summed_in_bases("estimated_amount") }},
            {{ summed_in_bases("estimated_apart_amount") }}
        from held_costs
        group by 1, 2, 3, 4
    )

select
    holder_type,
    holder_id,
    lens,
    fiscal_year
    {% for basis in var("bases") %}
        {% for whole, apart in (("cost_amount", "apart_amount"), ("estimated_amount", "estimated_apart_amount")) %}
            {%- set amount = based(whole, basis) %},
            cast(
                case
                    when holder_type = 'rep' then {{ amount }} - {{ based(apart, basis) }} else {{ amount }}
                end as decimal(18, 4)
            ) as {{ amount }}
        {% endfor %}
    {% endfor %}
from year_costs
union all
select
    holder_type,
    holder_id,
    lens,
    null
    {% for basis in var("bases") %}
        , {{ sum_amount(based("cost_amount", basis)) }}, {{ sum_amount(based("estimated_amount", basis)) }}
    {% endfor %}
from year_costs
group by 1, 2, 3
