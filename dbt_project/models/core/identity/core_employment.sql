-- Whose pay it is: every employee number of a CRM user's, also the second of who was hired again. The last hire is the
-- one that is shown.
with
    matches as (select * from {{ ref("core_user_employee") }}),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    employees as (select employee_number, hired_on from {{ last_known("employee") }}),

    employments as (
        select
            matches.employee_number,
            min(identity.crm_user_id) as crm_user_id,
            min(
                case matches.match_basis when 'crosswalk' then 1 when 'employee number' then 2 else 3 end
            ) as basis_place
        from matches
        inner join identity on matches.crm_user_id = identity.delivered_crm_user_id
        group by matches.employee_number
    )

select
    employments.employee_number,
    employments.crm_user_id,
    case employments.basis_place when 1 then 'crosswalk' when 2 then 'employee number' else 'e-mail' end as match_basis,
    row_number() over (
        partition by employments.crm_user_id
        order by
            case when employees.hired_on is null then 1 else 0 end,
            employees.hired_on desc,
            employments.employee_number desc
    )
    = 1 as is_last
from employments
left join employees on employments.employee_number = employees.employee_number
