-- The same sales credited by each policy: what a rep would be credited with under another than the declared one.
with
    credit as (
        select crm_user_id, fiscal_year, policy, {{ summed_in_bases("credited_amount") }}
        from {{ ref("core_policy_credit") }}
        group by 1, 2, 3
    ),

    totals as (
        select fiscal_year, policy, {{ summed_in_bases("credited_amount") }} from credit group by fiscal_year, policy
    ),

    bases as ({{ basis_rows() }})

select
    credit.crm_user_id,
    credit.fiscal_year,
    credit.policy,
    bases.basis,
    {{ of_basis("credited_amount", "credit") }} as credited_amount,
    {{ percent(of_basis("credited_amount", "credit"), of_basis("credited_amount", "totals")) }} as share_pct,
    case
        credit.policy
        {%- for policy in credit_policies() %}
            when '{{ policy }}' then {{ metrics_used(["credit_" ~ policy]) }}
        {%- endfor %}
    end as metric_versions
from credit
inner join totals on credit.fiscal_year = totals.fiscal_year and credit.policy = totals.policy
cross join bases
