with
    tenures as (select * from {{ ref("core_rep_tenure") }}),

    -- A year with long leave in it is not a whole one.
    leave as (
        select distinct tenures.crm_user_id, tenures.tenure_year
        from tenures
        inner join
            {{ ref("core_absence") }} as days
            on tenures.crm_user_id = days.crm_user_id
            and tenures.tenure_start_on <= days.day_on
            and days.day_on < tenures.tenure_end_on
        where days.away_pct > 0
    ),

    bases as ({{ basis_rows() }}),

    valued as (
        select
            tenures.crm_user_id,
            tenures.tenure_year,
            bases.basis,
            tenures.tenure_start_on,
            tenures.tenure_end_on,
            tenures.tenure_year > 0
            and tenures.tenure_end_on <= least({{ as_of_on() }}, tenures.left_on)
            and leave.crm_user_id is null as is_whole,
            {{ of_basis("revenue_amount", "tenures") }} as revenue_amount,
            {{ of_basis("cost_amount", "tenures") }} as cost_amount,
            {{ is_ratio_withheld("reps") }} as is_ratio_withheld
        from tenures
        cross join bases
        left join {{ ref("core_rep") }} as reps on tenures.crm_user_id = reps.crm_user_id
        left join leave on tenures.crm_user_id = leave.crm_user_id and tenures.tenure_year = leave.tenure_year
    )

select
    crm_user_id,
    tenure_year,
    basis,
    tenure_start_on,
    tenure_end_on,
    is_whole,
    revenue_amount,
    cost_amount,
    case when not is_ratio_withheld then {{ ratio("revenue_amount", "cost_amount") }} end as value_ratio,
    {{ metrics_used(["revenue", "rep_cost", "value_ratio_year"]) }} as metric_versions
from valued
