-- Who stands directly below whom, and since when: managers of users, parents of territories, ultimate
-- parents of accounts. An account that names itself is at the top, as CRMs write it; a user or a territory
-- that does is a cycle.
select
    'manager' as hierarchy, crm_user_id as descendant_id, manager_crm_user_id as ancestor_id, valid_from_on, valid_to_on
from {{ ref("core_crm_user_span") }}
where manager_crm_user_id is not null
union all
select 'territory', territory_id, parent_territory_id, valid_from_on, valid_to_on
from {{ now_known("territory") }}
where parent_territory_id is not null
union all
select 'account', account_id, ultimate_parent_account_id, valid_from_on, valid_to_on
from {{ ref("core_account_span") }}
where ultimate_parent_account_id is not null and ultimate_parent_account_id <> account_id
