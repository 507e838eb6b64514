-- Activities are only ever appended: the last extract that names one wins. Few are named twice, so only those are
-- ranked.
with
    delivered as (select * from {{ ref("input_activity") }} as delivered where {{ counts("delivered", "activity") }}),

    users as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    repeated as (select activity_id, _source from delivered group by activity_id, _source having count(*) > 1),

    ranked as (
        select
            delivered.crm_user_id,
            delivered.activity_type,
            delivered.occurred_at,
            delivered.duration_minutes,
            row_number() over (
                partition by delivered.activity_id, delivered._source
                order by delivered._extract_date desc, delivered._file desc, delivered._line desc
            ) as place
        from delivered
        inner join repeated on delivered.activity_id = repeated.activity_id and delivered._source = repeated._source
    ),

    activities as (
        select delivered.crm_user_id, delivered.activity_type, delivered.occurred_at, delivered.duration_minutes
        from delivered
        left join repeated on delivered.activity_id = repeated.activity_id and delivered._source = repeated._source
        where repeated.activity_id is null
        union all
        select crm_user_id, activity_type, occurred_at, duration_minutes
        from ranked
        where place = 1
    )

select
    coalesce(users.crm_user_id, 'unknown') as crm_user_id,
    {{ local_date("activities.occurred_at") }} as activity_on,
    lower(activities.activity_type) as activity_type,
    cast(count(*) as integer) as activity_count,
    cast(coalesce(sum(activities.duration_minutes), 0) as integer) as duration_minutes
from activities
left join users on activities.crm_user_id = users.delivered_crm_user_id
group by 1, 2, 3
