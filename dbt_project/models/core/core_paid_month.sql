-- What payroll and expenses say that a rep cost in a month: of this a coach's hours and a manager's share are taken.
-- What is paid once or for leave, and what a manager carries of others, stay where they are.
select
    crm_user_id,
    employee_number,
    month_on,
    currency,
    is_estimated,
    {{ summed_in_bases("cost_amount") }},
    {{ sum_amount("cost_local_amount") }} as cost_local_amount
from {{ ref("core_cost_line") }}
where crm_user_id <> 'unknown' and not {{ is_apart("component") }}
group by 1, 2, 3, 4, 5
