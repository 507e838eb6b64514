-- Which employee a CRM user is: what a person says in the crosswalk; else the employee number, of the user's last
-- version before earlier ones; else the e-mail, of those who have it now before those who had it.
with
    users as (
        select
            crm_user_id, employee_number, lower(email) as email, case when is_last_known then 1 else 0 end as is_current
        from {{ now_known("crm_user") }}
    ),

    staff as (
        select employee_number, lower(email) as email, case when is_last_known then 1 else 0 end as is_current
        from {{ now_known("employee") }}
    ),

    employees as (select distinct employee_number from {{ last_known("employee") }}),

    kept as (
        select crosswalk.to_id as crm_user_id, crosswalk.from_id as employee_number
        from {{ ref("core_crosswalk") }} as crosswalk
        inner join (select distinct crm_user_id from users) as known on crosswalk.to_id = known.crm_user_id
        where crosswalk.id_kind = 'employee'
    ),

    numbers as (
        select
            crm_user_id,
            employee_number,
            is_current,
            max(is_current) over (partition by employee_number) as is_anyones_current
        from
            (
                select users.crm_user_id, users.employee_number, max(users.is_current) as is_current
                from users
                inner join employees on users.employee_number = employees.employee_number
                group by 1, 2
            ) as claims
    ),

    by_number as (
        select numbers.crm_user_id, numbers.employee_number
        from numbers
        left join kept on numbers.employee_number = kept.employee_number
        where kept.employee_number is null and numbers.is_current = numbers.is_anyones_current
    ),

    emails as ({{ lone_holders("staff", "email", "employee_number") }}),

    by_email as (
        select users.crm_user_id, emails.employee_number
        from users
        inner join emails on users.email = emails.email
        left join by_number on users.crm_user_id = by_number.crm_user_id
        left join kept on emails.employee_number = kept.employee_number
        where users.is_current = 1 and by_number.crm_user_id is null and kept.employee_number is null
    )

select crm_user_id, employee_number, 'crosswalk' as match_basis
from kept
union all
select crm_user_id, employee_number, 'employee number'
from by_number
union all
select distinct crm_user_id, employee_number, 'e-mail'
from by_email
