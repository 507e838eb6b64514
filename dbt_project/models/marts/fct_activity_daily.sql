{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_activity_daily_change', 'activity_on') }}",
    )
}}
with
    days as (
        select *
        from {{ ref("core_activity_daily") }}
        where {{ is_made_anew("core_activity_daily_change", "activity_on") }}
    ),

    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }})

select
    coalesce(users.crm_user_id, 'unknown') as crm_user_id,
    days.activity_on,
    days.activity_type,
    cast(sum(days.activity_count) as integer) as activity_count,
    cast(sum(days.duration_minutes) as integer) as duration_minutes
from days
left join users on days.delivered_crm_user_id = users.delivered_crm_user_id
group by 1, 2, 3
