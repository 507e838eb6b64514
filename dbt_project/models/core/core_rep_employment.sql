-- From when to when each rep was employed, under which employee number: one row an employment. A day that payroll does
-- not tell is without beginning or end.
select
    employments.crm_user_id,
    employments.employee_number,
    coalesce(staff.hired_on, {{ beginning_of_time() }}) as hired_on,
    coalesce(staff.left_on, {{ end_of_time() }}) as left_on
from {{ ref("core_employment") }} as employments
inner join {{ ref("core_rep") }} as reps on employments.crm_user_id = reps.crm_user_id
inner join {{ last_known("employee") }} as staff on employments.employee_number = staff.employee_number
