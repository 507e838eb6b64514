-- What each holder cost, a fiscal year at a time and over all of them (null): the denominator of every ratio.
with
    costs as (
        select
            costs.crm_user_id,
            groups.team_id,
            groups.manager_crm_user_id,
            groups.territory_id,
            costs.fiscal_year,
            costs.cost_amount
        from {{ ref("core_cost_line") }} as costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        inner join
            {{ ref("core_rep_group") }} as groups
            on costs.crm_user_id = groups.crm_user_id
            and months.last_day_on = groups.day_on
        where costs.month_on < {{ as_of_on() }}
    ),

    held_costs as ({{ held_by_each("costs", "fiscal_year, cost_amount") }}),

    year_costs as (
        select holder_type, holder_id, fiscal_year, {{ sum_amount("cost_amount") }} as cost_amount
        from held_costs
        group by 1, 2, 3
    )

select *
from year_costs
union all
select holder_type, holder_id, null, {{ sum_amount("cost_amount") }}
from year_costs
group by 1, 2
