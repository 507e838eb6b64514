-- What each sale does to the value of a year against the year before, at the finest grain that a group needs.
with lines as ({{ bridge_lines() }}), groups as (select * from {{ ref("core_rep_group") }})

select
    lines.fiscal_year,
    lines.crm_user_id,
    groups.team_id,
    groups.manager_crm_user_id,
    groups.territory_id
    {%- for amount in bridge_amounts() %}, {{ sum_amount("lines." ~ amount) }} as {{ amount }} {%- endfor %}
from lines
inner join groups on lines.crm_user_id = groups.crm_user_id and lines.ordered_on = groups.day_on
group by 1, 2, 3, 4, 5
