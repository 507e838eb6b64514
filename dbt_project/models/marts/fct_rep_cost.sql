select
    crm_user_id,
    employee_number,
    {{ month_on("month_on") }} as month_on,
    fiscal_year,
    component,
    currency,
    {{ sum_amount("cost_amount") }} as cost_amount,
    {{ sum_amount("cost_local_amount") }} as cost_local_amount {{ told_in_other_bases(["cost_amount"], summed=true) }}
from {{ ref("core_rep_cost") }}
where crm_user_id is not null
group by 1, 2, 3, 4, 5, 6
