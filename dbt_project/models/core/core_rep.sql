{{ config(pre_hook="{{ keep_before() }}") }}
-- A rep is whoever has a rep role, revenue, a goal, or a customer whom the source declares them to have won.
-- Everybody else in the CRM is counted under unknown.
with
    users as (select * from {{ last_known("crm_user") }}),

    jobs as (select employee_number, rep_role from {{ last_known("job") }}),

    sellers as (select distinct crm_user_id from {{ ref("core_revenue_share") }}),

    goal_owners as (select distinct owner_id from {{ last_known("goal") }} where lower(owner_type) = 'rep'),

    winners as (select distinct acquiring_crm_user_id from {{ last_known("account") }}),

    reps as (
        select
            users.crm_user_id,
            identity.employee_number,
            identity.match_basis,
            users.user_name as rep_name,
            users.email,
            coalesce(users.rep_role, jobs.rep_role) as rep_role,
            users.is_active
        from users
        left join {{ ref("core_identity") }} as identity on users.crm_user_id = identity.crm_user_id
        left join jobs on identity.employee_number = jobs.employee_number
        left join sellers on users.crm_user_id = sellers.crm_user_id
        left join goal_owners on users.crm_user_id = goal_owners.owner_id
        left join winners on users.crm_user_id = winners.acquiring_crm_user_id
        where
            users.rep_role is not null
            or jobs.rep_role is not null
            or sellers.crm_user_id is not null
            or goal_owners.owner_id is not null
            or winners.acquiring_crm_user_id is not null
    )

select *
from reps
