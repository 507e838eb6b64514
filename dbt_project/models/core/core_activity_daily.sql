{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ keep_changed_days() }}",
    )
}}
-- Activities are only ever appended: the last extract that names one wins. Few are named twice, so only those are
-- ranked. On a night that only adds deliveries, days are added to.
{% if is_whole_night() %}
    with
        delivered as (
            select * from {{ ref("input_activity") }} as delivered where {{ counts("delivered", "activity") }}
        ),

        -- A number stands for an id while counting: a tenth of the memory. Two ids of one
        -- number are ranked for nothing.
        repeated as (
            select {{ row_hash(["activity_id", "_source"]) }} as id_hash from delivered group by 1 having count(*) > 1
        ),

        ranked as (
            select
                delivered.crm_user_id,
                delivered.activity_type,
                delivered.occurred_at,
                delivered.duration_minutes,
                row_number() over (
                    partition by delivered.activity_id, delivered._source
                    order by {{ last_activity_first("delivered") }}
                ) as place
            from delivered
            inner join repeated on {{ row_hash(["delivered.activity_id", "delivered._source"]) }} = repeated.id_hash
        ),

        activities as (
            select delivered.crm_user_id, delivered.activity_type, delivered.occurred_at, delivered.duration_minutes
            from delivered
            left join repeated on {{ row_hash(["delivered.activity_id", "delivered._source"]) }} = repeated.id_hash
            where repeated.id_hash is null
            union all
            select crm_user_id, activity_type, occurred_at, duration_minutes
            from ranked
            where place = 1
        )

    select
        crm_user_id as delivered_crm_user_id,
        {{ local_date("occurred_at") }} as activity_on,
        lower(activity_type) as activity_type,
        cast(count(*) as bigint) as activity_count,
        cast(coalesce(sum(duration_minutes), 0) as bigint) as duration_minutes
    from activities
    group by 1, 2, 3
{% else %}
    select
        delivered_crm_user_id,
        activity_on,
        activity_type,
        cast(sum(activity_count) as bigint) as activity_count,
        cast(sum(duration_minutes) as bigint) as duration_minutes
    from
        (
            select *
            from change.core_activity_daily
            union all
            select *
            from {{ ref("core_activity_change") }}
        ) as days
    group by 1, 2, 3
    having sum(activity_count) > 0
{# Read on a night that makes everything anew: #}
-- depends_on: {{ ref("input_activity") }}
{% endif %}
