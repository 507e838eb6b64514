-- A goal that left the snapshot after its period was met or missed all the same; one that left before was taken back.
-- Targets are reporting money: the same at constant rates, and real ones are of the month in which the period begins.
{% set target = money_product(
    "goals.target_amount", "coalesce(goals.ramp_pct, 100) * cast(0.01 as decimal(3, 2))"
) %}
with
    goals as (select * from {{ last_known("goal") }} where valid_to_on >= period_end_on),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }})

select
    goals.goal_id,
    cast(goals.goal_version as integer) as goal_version,
    lower(goals.owner_type) as owner_type,
    case
        when lower(goals.owner_type) = 'company' then 'company' else coalesce(identity.crm_user_id, goals.owner_id)
    end as owner_id,
    lower(goals.metric) as metric,
    goals.period_start_on,
    goals.period_end_on,
    goals.set_on,
    goals.approved_by,
    goals.acknowledged_on,
    goals.reason,
    goals.target_amount as full_target_amount,
    goals.ramp_pct,
    {{ target }} as target_amount,
    {% if "constant" in var("bases") %} {{ target }} as constant_target_amount, {% endif %}
    {% if "real" in var("bases") %}
        case
            when lower(goals.metric) in ('revenue', 'gross_margin')
            then {{ money_product(target, "deflators.deflator") }}
            else {{ target }}
        end as real_target_amount,
    {% endif %}
    {{ month_on(rate_day("goals.period_start_on")) }} as month_on,
    goals._file,
    goals._line
from goals
left join
    identity on {{ key_where("lower(goals.owner_type) = 'rep'", "goals.owner_id") }} = identity.delivered_crm_user_id
    {{ join_other_bases("goals", "period_start_on", ["real"] if "real" in var("bases") else []) }}
