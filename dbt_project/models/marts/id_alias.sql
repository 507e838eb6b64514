-- Under which id figures show what was delivered under another one.
select id_kind, from_id as alias_id, to_id as shown_id, match_basis
from {{ ref("core_crosswalk") }}
where id_kind in ('account', 'opportunity') and to_id is not null
union all
select 'crm_user', delivered_crm_user_id, crm_user_id, match_basis
from {{ ref("core_identity") }}
where delivered_crm_user_id <> crm_user_id
union all
select 'employee', employee_number, crm_user_id, match_basis
from {{ ref("core_employment") }}
