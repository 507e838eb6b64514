select crm_user_id, valid_from_on, valid_to_on, team_id, manager_crm_user_id, territory_id
from {{ ref("core_rep_group_span") }}
