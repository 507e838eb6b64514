{{ config(pre_hook="{{ keep_before('crm_user_id, rep_role') }}") }}
-- Each rep, and everybody else in the CRM, as last known under any of their ids: names
-- and e-mails change, people don't.
with
    versions as (select * from {{ last_known("crm_user") }}),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    ranked as (
        select
            identity.crm_user_id,
            versions.user_name,
            versions.email,
            versions.rep_role,
            versions.team_id,
            versions.manager_crm_user_id,
            versions.is_active,
            row_number() over (
                partition by identity.crm_user_id
                order by
                    versions.valid_to_on desc,
                    versions.valid_from_on desc,
                    versions.known_from_on desc,
                    versions.crm_user_id
            ) as place
        from versions
        inner join identity on versions.crm_user_id = identity.delivered_crm_user_id
    )

select
    ranked.crm_user_id,
    ranked.user_name,
    ranked.email,
    ranked.rep_role,
    ranked.team_id,
    coalesce(managers.crm_user_id, ranked.manager_crm_user_id) as manager_crm_user_id,
    ranked.is_active
from ranked
left join identity as managers on ranked.manager_crm_user_id = managers.delivered_crm_user_id
where ranked.place = 1
