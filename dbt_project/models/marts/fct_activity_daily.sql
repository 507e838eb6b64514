-- Activities are only ever appended: the last extract that names one wins.
with
    ranked as (
        select
            activity_id,
            crm_user_id,
            lower(activity_type) as activity_type,
            occurred_at,
            duration_minutes,
            row_number() over (
                partition by activity_id, _source order by _extract_date desc, _file desc, _line desc
            ) as place
        from {{ ref("input_activity") }}
    ),

    users as (select crm_user_id from {{ ref("core_identity") }})

select
    coalesce(users.crm_user_id, 'unknown') as crm_user_id,
    {{ local_date("ranked.occurred_at") }} as activity_on,
    ranked.activity_type,
    cast(count(*) as integer) as activity_count,
    cast(coalesce(sum(ranked.duration_minutes), 0) as integer) as duration_minutes
from ranked
left join users on ranked.crm_user_id = users.crm_user_id
where ranked.place = 1
group by 1, 2, 3
