-- What each sale does to the value of a year against the year before, at the finest grain that a group needs.
select
    fiscal_year,
    crm_user_id,
    team_id,
    manager_crm_user_id,
    territory_id
    {%- for amount in bridge_amounts() %}, {{ sum_amount(amount) }} as {{ amount }} {%- endfor %}
from ({{ bridge_lines() }}) as lines
group by 1, 2, 3, 4, 5
