-- The months of creation whose opportunities are made anew tonight; those without a date have the first day of time.
-- Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% else %}
    with
        users as ({{ moved_users("core_identity") }}),

        rates as ({{ moved_rates() }}),

        built as (select created_on, currency, coalesce(closed_on, created_on) as rated_on from main.fct_opportunity),

        moved as (
            select created_on
            from {{ history_before("opportunity") }}
            where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }}
            union all
            select opportunities.created_on
            from {{ latest("opportunity") }} as opportunities
            inner join
                {{ changed_keys("opportunity") }} as changed on opportunities.opportunity_id = changed.opportunity_id
            union all
            select opportunities.created_on
            from {{ latest("opportunity") }} as opportunities
            inner join users on opportunities.owner_crm_user_id = users.crm_user_id
            union all
            select created_on
            from built
            where rated_on is null or rated_on >= {{ built_as_of_on() }}
            union all
            select built.created_on
            from built
            inner join rates on built.currency = rates.currency and built.rated_on = rates.day_on
        )

    select distinct {{ month_on("coalesce(created_on, " ~ beginning_of_time() ~ ")") }} as month_on
    from moved
{% endif %}
