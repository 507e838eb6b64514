-- The months of creation whose opportunities are made anew tonight; those without a date have the first day of time.
-- Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% else %}
    with
        users as ({{ moved_ids("core_identity", "delivered_crm_user_id") }}),

        accounts as ({{ moved_names("account") }}),

        rates as ({{ moved_rates() }}),

        named as (
            select opportunity_id
            from {{ changed_keys("opportunity") }}
            union
            select from_id
            from ({{ moved_names("opportunity") }}) as moved
        ),

        -- Of deals that were merged one is told, whichever of them changed.
        shown as (
            select coalesce(names.to_id, named.opportunity_id) as opportunity_id
            from named
            left join ({{ names_of("opportunity") }}) as names on named.opportunity_id = names.from_id
        ),

        deals as (
            select opportunity_id
            from named
            union
            select opportunity_id
            from shown
            union
            select names.from_id
            from shown
            inner join ({{ names_of("opportunity") }}) as names on shown.opportunity_id = names.to_id
        ),

        built as (
            select opportunity_id, created_on, currency, coalesce(closed_on, created_on) as rated_on
            from {{ as_built("fct_opportunity") }}
        ),

        held as (select opportunity_id, account_id, owner_crm_user_id, created_on from {{ latest("opportunity") }}),

        moved as (
            select built.created_on
            from built
            inner join deals on built.opportunity_id = deals.opportunity_id
            union all
            select held.created_on
            from held
            inner join deals on held.opportunity_id = deals.opportunity_id
            union all
            select held.created_on
            from held
            inner join users on held.owner_crm_user_id = users.delivered_crm_user_id
            union all
            select held.created_on
            from held
            inner join accounts on held.account_id = accounts.from_id
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
