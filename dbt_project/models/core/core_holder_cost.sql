-- What each holder cost through each lens, a fiscal year at a time and over all of them (null): the denominator of
-- every ratio. Cost never leaves the person; a lens moves it between groups alone.
with
    months as (
        select costs.crm_user_id, costs.fiscal_year, months.last_day_on, {{ summed_in_bases("cost_amount", "costs") }}
        from {{ ref("core_cost_line") }} as costs
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
            {{ in_bases(["cost_amount"], "months") | join(", ") }}
        from months
        inner join {{ ref("core_lens_year") }} as lens_years on months.fiscal_year = lens_years.fiscal_year
        inner join
            {{ ref("core_rep_group") }} as groups
            on months.crm_user_id = groups.crm_user_id
            and coalesce(lens_years.read_on, months.last_day_on) = groups.day_on
    ),

    held_costs as ({{ held_by_each("costs", "lens, fiscal_year, " ~ in_bases(["cost_amount"]) | join(", ")) }}),

    year_costs as (
        select holder_type, holder_id, lens, fiscal_year, {{ summed_in_bases("cost_amount") }}
        from held_costs
        group by 1, 2, 3, 4
    )

select *
from year_costs
union all
select holder_type, holder_id, lens, null, {{ summed_in_bases("cost_amount") }}
from year_costs
group by 1, 2, 3
