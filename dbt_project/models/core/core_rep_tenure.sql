-- Revenue and cost by the months since a rep was hired: a tenure year is twelve calendar months, the first of them that
-- of the first hire. Year 0 is what came before, null that of somebody whose hire nobody told.
{% set amounts = in_bases(["revenue_amount", "cost_amount"]) | join(", ") %}
with
    hires as (
        select crm_user_id, {{ month_on("min(hired_on)") }} as hired_month_on, max(left_on) as left_on
        from {{ ref("core_rep_employment") }}
        group by 1
        having min(hired_on) > {{ beginning_of_time() }}
    ),

    months as (
        select
            crm_user_id,
            {{ month_on("day_on") }} as month_on
            {% for basis in var("bases") %}
                , {{ based("revenue_amount", basis) }}, cast(0 as decimal(18, 4)) as {{ based("cost_amount", basis) }}
            {% endfor %}
        from {{ ref("core_sale_day") }}
        union all
        select crm_user_id, month_on {% for basis in var("bases") %}, 0, {{ based("cost_amount", basis) }}{% endfor %}
        from {{ ref("core_rep_cost") }}
        where crm_user_id is not null and not is_apart and month_on < {{ as_of_on() }}
    ),

    tenured as (
        select
            months.crm_user_id,
            hires.hired_month_on,
            hires.left_on,
            case
                when months.month_on < hires.hired_month_on
                then 0
                else
                    cast(
                        floor(
                            (
                                12 * (extract(year from months.month_on) - extract(year from hires.hired_month_on))
                                + extract(month from months.month_on)
                                - extract(month from hires.hired_month_on)
                            )
                            / 12
                        ) as integer
                    )
                    + case when hires.hired_month_on is not null then 1 end
            end as tenure_year,
            {{ amounts }}
        from months
        left join hires on months.crm_user_id = hires.crm_user_id
    )

select
    crm_user_id,
    tenure_year,
    case when tenure_year > 0 then {{ add_months("hired_month_on", "12 * (tenure_year - 1)") }} end as tenure_start_on,
    {{ add_months("hired_month_on", "12 * tenure_year") }} as tenure_end_on,
    left_on,
    {{ summed_in_bases("revenue_amount") }},
    {{ summed_in_bases("cost_amount") }}
from tenured
group by 1, 2, 3, 4, 5
