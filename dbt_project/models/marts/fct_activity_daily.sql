{{ config(materialized="view") }}
-- A view, since almost every row is one of what it is made from, and nothing else in the warehouse reads it.
with
    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    -- Who came under one id alone needs no adding up: almost everybody.
    lone as (select crm_user_id from users group by crm_user_id having count(*) = 1),

    named as (
        select
            coalesce(users.crm_user_id, 'unknown') as crm_user_id,
            days.activity_on,
            days.activity_type,
            days.activity_count,
            days.duration_minutes,
            lone.crm_user_id is not null as is_lone
        from {{ ref("core_activity_daily") }} as days
        left join users on days.delivered_crm_user_id = users.delivered_crm_user_id
        left join lone on users.crm_user_id = lone.crm_user_id
    )

select
    crm_user_id,
    activity_on,
    activity_type,
    cast(activity_count as integer) as activity_count,
    cast(duration_minutes as integer) as duration_minutes
from named
where is_lone
union all
select
    crm_user_id,
    activity_on,
    activity_type,
    cast(sum(activity_count) as integer),
    cast(sum(duration_minutes) as integer)
from named
where not is_lone
group by 1, 2, 3
