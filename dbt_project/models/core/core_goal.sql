-- A goal that left the snapshot after its period was met or missed all the same; one that left before was taken back.
with goals as (select * from {{ last_known("goal") }} where valid_to_on >= period_end_on)

select
    goal_id,
    cast(goal_version as integer) as goal_version,
    lower(owner_type) as owner_type,
    case when lower(owner_type) = 'company' then 'company' else owner_id end as owner_id,
    lower(metric) as metric,
    period_start_on,
    period_end_on,
    set_on,
    approved_by,
    acknowledged_on,
    reason,
    target_amount as full_target_amount,
    ramp_pct,
    {{ money_product("target_amount", "coalesce(ramp_pct, 100) * cast(0.01 as decimal(3, 2))") }} as target_amount
from goals
