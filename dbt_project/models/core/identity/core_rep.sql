-- A rep is whoever has a rep role, revenue, a goal, or a customer whom the source declares them to have won.
-- Everybody else in the CRM is counted under unknown.
with
    users as (select * from {{ ref("core_crm_user") }}),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    employments as (select * from {{ ref("core_employment") }} where is_last),

    jobs as (select employee_number, rep_role from {{ last_known("job") }}),

    sellers as (select distinct crm_user_id from {{ ref("core_revenue_share") }}),

    goal_owners as (
        select distinct identity.crm_user_id
        from {{ last_known("goal") }} as goals
        inner join identity on goals.owner_id = identity.delivered_crm_user_id
        where lower(goals.owner_type) = 'rep'
    ),

    winners as (select distinct acquiring_crm_user_id from {{ ref("core_account") }}),

    reps as (
        select
            users.crm_user_id,
            employments.employee_number,
            coalesce(employments.match_basis, 'none') as match_basis,
            users.user_name as rep_name,
            users.email,
            coalesce(users.rep_role, jobs.rep_role) as rep_role,
            users.is_active
        from users
        left join employments on users.crm_user_id = employments.crm_user_id
        left join jobs on employments.employee_number = jobs.employee_number
        left join sellers on users.crm_user_id = sellers.crm_user_id
        left join goal_owners on users.crm_user_id = goal_owners.crm_user_id
        left join winners on users.crm_user_id = winners.acquiring_crm_user_id
        where
            users.rep_role is not null
            or jobs.rep_role is not null
            or sellers.crm_user_id is not null
            or goal_owners.crm_user_id is not null
            or winners.acquiring_crm_user_id is not null
    )

select *
from reps
