select
    employee_number,
    {{ month_on("month_on") }} as month_on,
    component,
    currency,
    nobodys_reason as reason,
    {{ sum_amount("cost_amount") }} as cost_amount,
    {{ sum_amount("cost_local_amount") }} as cost_local_amount
from {{ ref("core_rep_cost") }}
where crm_user_id is null
group by 1, 2, 3, 4, 5
