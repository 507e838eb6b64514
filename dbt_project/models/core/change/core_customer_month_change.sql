-- The months whose customers are made anew tonight: since the first sale or owner that is told otherwise, for what a
-- customer had brought by a month's end is carried on. Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% else %}
    with
        built as (
            select account_id, month_on, last_day_on, owner_crm_user_id from {{ as_built("core_customer_month") }}
        ),

        owners as (select * from {{ ref("core_account_owner") }}),

        candidates as ({{ moved_ids("core_account_owner", "account_id") }}),

        handed_over as (
            select min(built.month_on) as month_on
            from built
            inner join candidates on built.account_id = candidates.account_id
            left join owners on {{ is_owner_on("built", "built.last_day_on") }}
            where coalesce(owners.crm_user_id, 'unknown') <> built.owner_crm_user_id
        ),

        firsts as (
            select month_on
            from handed_over
            union all
            select min(month_on)
            from {{ ref("core_order_line_change") }}
            union all
            select {{ month_on(add_days(built_as_of_on(), -1)) }}
        )

    select months.month_on
    from {{ ref("core_month") }} as months
    where months.month_on >= (select {{ month_on("min(month_on)") }} from firsts)
{% endif %}
