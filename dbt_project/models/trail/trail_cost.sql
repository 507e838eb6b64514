-- Which delivered line is in whose cost through each lens: core_holder_cost, line by line.
with
    costs as (
        select *, {{ fiscal_year("month_on") }} as fiscal_year
        from {{ ref("trail_cost_line") }}
        where month_on < {{ as_of_on() }}
    ),

    months as (select month_on, last_day_on from {{ ref("core_month") }})

select
    lens_years.lens,
    costs.fiscal_year,
    costs.crm_user_id,
    groups.team_id,
    groups.manager_crm_user_id,
    groups.territory_id,
    costs.employee_number,
    costs.month_on,
    costs.rated_on,
    costs.component,
    costs.is_estimated,
    {{ is_apart("costs.component") }} as is_apart,
    {{ cost_part("costs.component") }} as cost_part,
    costs.currency,
    costs.cost_local_amount,
    costs.fx_rate_id,
    {{ in_bases(["cost_amount", "share_amount", "share_whole_amount"], "costs") | join(", ") }},
    costs.line_cost_local_amount,
    {% for basis in var("bases") %} costs.line_{{ based("cost_amount", basis) }}, {% endfor %}
    costs.entity,
    costs._file,
    costs._line,
    {{ share_rule("costs") }},
    {{ share_ends("costs") }}
from costs
inner join months on costs.month_on = months.month_on
inner join {{ ref("core_lens_year") }} as lens_years on costs.fiscal_year = lens_years.fiscal_year
inner join
    {{ ref("core_rep_group") }} as groups
    on costs.crm_user_id = groups.crm_user_id
    and coalesce(lens_years.read_on, months.last_day_on) = groups.day_on
