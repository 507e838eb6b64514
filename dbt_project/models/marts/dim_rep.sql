-- Names and e-mails of reps live here; the answers carry the name alone.
with
    reps as (select * from {{ ref("core_rep") }}),

    users as (select * from {{ ref("core_crm_user") }}),

    employees as (select employee_number, hired_on, left_on, country_code from {{ last_known("employee") }})

select
    reps.crm_user_id,
    reps.employee_number,
    reps.rep_name,
    reps.email,
    reps.rep_role,
    reps.match_basis,
    users.team_id,
    users.manager_crm_user_id,
    employees.country_code,
    employees.hired_on,
    employees.left_on,
    reps.is_active
from reps
inner join users on reps.crm_user_id = users.crm_user_id
left join employees on reps.employee_number = employees.employee_number
union all
select 'unknown', null, 'unknown', null, null, 'none', null, null, null, null, null, null
