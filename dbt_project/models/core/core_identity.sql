{{ config(pre_hook="{{ keep_before() }}") }}
-- One person, three ids: the CRM's user, payroll's employee, the claimant of expenses. Employee number first, then
-- e-mail.
-- An employee is one user's only: the lowest id, so that nobody's pay counts twice.
with
    users as (select * from {{ last_known("crm_user") }}),

    employees as (select * from {{ last_known("employee") }}),

    lone_emails as (
        select lower(email) as email, min(employee_number) as employee_number
        from employees
        where email is not null
        group by lower(email)
        having count(*) = 1
    ),

    matched as (
        select
            users.crm_user_id,
            coalesce(by_number.employee_number, lone_emails.employee_number) as employee_number,
            case
                when by_number.employee_number is not null
                then 'employee number'
                when lone_emails.employee_number is not null
                then 'e-mail'
                else 'none'
            end as match_basis
        from users
        left join employees as by_number on users.employee_number = by_number.employee_number
        left join lone_emails on lower(users.email) = lone_emails.email and by_number.employee_number is null
    ),

    ranked as (
        select *, row_number() over (partition by employee_number order by match_basis desc, crm_user_id) as claim
        from matched
    )

select
    crm_user_id,
    case when claim = 1 then employee_number end as employee_number,
    case
        when claim = 1 or employee_number is null then match_basis else 'employee taken by another user'
    end as match_basis
from ranked
