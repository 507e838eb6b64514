{{ config(pre_hook="{{ keep_new_keys('activity') }}") }}
{% do follow_corrections() %}
-- What tonight's deliveries add to a user's days and take from them: an activity that is delivered again counts as
-- it was said last, no longer as before. Empty on a night that makes everything anew.
{% if is_whole_night() or (execute and news_of("activity") == "none") %}
    select
        cast(null as varchar) as delivered_crm_user_id,
        cast(null as date) as activity_on,
        cast(null as varchar) as activity_type,
        cast(null as bigint) as activity_count,
        cast(null as bigint) as duration_minutes
    where false
{% else %}
    with
        delivered as (
            select *
            from ({{ rows_of_keys("activity") if execute else "select * from " ~ ref("input_activity") }}) as told
            where {{ counts("told", "activity") }}
        ),

        told as (
            select
                *,
                {{ is_new_row("activity", "delivered") }} as _is_new,
                row_number() over (
                    partition by activity_id, _source order by {{ last_activity_first("delivered") }}
                ) as _place
            from delivered
        ),

        -- What was said last before tonight no longer counts.
        told_before as (
            select
                *,
                row_number() over (
                    partition by activity_id, _source order by {{ last_activity_first("told") }}
                ) as _place_before
            from told
            where not _is_new
        ),

        changes as (
            select crm_user_id, occurred_at, activity_type, duration_minutes, 1 as activity_count
            from told
            where _place = 1
            union all
            select crm_user_id, occurred_at, activity_type, - duration_minutes, -1
            from told_before
            where _place_before = 1
        )

    select
        crm_user_id as delivered_crm_user_id,
        {{ local_date("occurred_at") }} as activity_on,
        lower(activity_type) as activity_type,
        cast(sum(activity_count) as bigint) as activity_count,
        cast(coalesce(sum(duration_minutes), 0) as bigint) as duration_minutes
    from changes
    group by 1, 2, 3
{% endif %}
