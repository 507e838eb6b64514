select
    crm_user_id,
    employee_number,
    month_on,
    component,
    currency,
    {{ sum_amount("cost_amount") }} as cost_amount,
    {{ sum_amount("cost_local_amount") }} as cost_local_amount
from {{ ref("core_rep_cost") }}
where crm_user_id is not null
group by crm_user_id, employee_number, month_on, component, currency
