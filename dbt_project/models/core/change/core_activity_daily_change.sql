-- The months whose activities are made anew tonight: of those delivered, and of users who are told to be somebody else.
-- Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% else %}
    with users as ({{ moved_ids("core_identity", "delivered_crm_user_id") }})

    select {{ month_on("activity_on") }} as month_on
    from {{ ref("core_activity_change") }}
    union
    select {{ month_on("days.activity_on") }}
    from {{ ref("core_activity_daily") }} as days
    inner join users on days.delivered_crm_user_id = users.delivered_crm_user_id
{% endif %}
