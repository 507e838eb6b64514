-- The same sales credited by each policy: what a rep would be credited with under another than the declared one.
with
    credit as (
        select crm_user_id, fiscal_year, policy, {{ sum_amount("credited_amount") }} as credited_amount
        from {{ ref("core_policy_credit") }}
        group by 1, 2, 3
    ),

    totals as (
        select fiscal_year, policy, sum(credited_amount) as total_amount from credit group by fiscal_year, policy
    )

select
    credit.crm_user_id,
    credit.fiscal_year,
    credit.policy,
    credit.credited_amount,
    {{ percent("credit.credited_amount", "totals.total_amount") }} as share_pct
from credit
inner join totals on credit.fiscal_year = totals.fiscal_year and credit.policy = totals.policy
