with
    managers as (
        select distinct manager_crm_user_id
        from {{ ref("core_crm_user_span") }}
        where manager_crm_user_id is not null and manager_crm_user_id <> 'unknown'
    ),

    users as (select crm_user_id, user_name from {{ ref("core_crm_user") }})

select managers.manager_crm_user_id, coalesce(users.user_name, managers.manager_crm_user_id) as manager_name
from managers
left join users on managers.manager_crm_user_id = users.crm_user_id
union all
select 'unknown', 'unknown'
