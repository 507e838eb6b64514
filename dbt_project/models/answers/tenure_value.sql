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

    reps as (select * from {{ ref("core_rep") }}),

    -- A year that still runs is read on the day before the as-of date, and so is whatever nobody knows the end of.
    ends as (
        select
            tenures.crm_user_id,
            tenures.tenure_year,
            {{ add_days("least(coalesce(tenures.tenure_end_on, " ~ as_of_on() ~ "), " ~ as_of_on() ~ ")", -1) }}
            as last_day_on
        from tenures
        inner join reps on tenures.crm_user_id = reps.crm_user_id
    ),

    roles as ({{ roles_at_end("ends", "tenure_year") }}),

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
            {{ ratio_withheld_reason(bears_no_credit("roles.rep_role"), "roles.rep_role", "reps") }} as role_reason
        from tenures
        cross join bases
        left join
            roles
            on tenures.crm_user_id = roles.crm_user_id
            and tenures.tenure_year is not distinct from roles.tenure_year
        left join reps on roles.crm_user_id = reps.crm_user_id
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
    case when role_reason is null then {{ ratio("revenue_amount", "cost_amount") }} end as value_ratio,
    case
        when role_reason is not null
        then role_reason
        when cost_amount < 0
        then 'the cost is below 0: more was taken back than paid'
    end as ratio_withheld_reason,
    {{ metrics_used(["revenue", "rep_cost", "value_ratio_year"]) }} as metric_versions
from valued
