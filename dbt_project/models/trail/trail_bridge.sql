-- Which order line is in which step of whose bridge: core_bridge_piece, line by line.
with lines as ({{ bridge_lines() }}), groups as (select * from {{ ref("core_rep_group") }})

select lines.*, groups.team_id, groups.manager_crm_user_id, groups.territory_id
from lines
inner join groups on lines.crm_user_id = groups.crm_user_id and lines.ordered_on = groups.day_on
