-- Whose sales of which months are made anew tonight: what deliveries said and say, what was looked up and is told
-- otherwise, and what the as-of date has reached. Accounts stand here by each id that they are or were shown by.
-- Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as varchar) as account_id, cast(null as date) as month_on where false
{% else %}
    with
        users as ({{ moved_ids("core_identity", "delivered_crm_user_id") }}),

        accounts as ({{ moved_names("account") }}),

        opportunities as ({{ moved_names("opportunity") }}),

        rates as ({{ moved_rates() }}),

        splits as (
            select opportunity_id
            from {{ changed_keys("opportunity_split") }}
            union
            select split.opportunity_id
            from {{ now_known("opportunity_split") }} as split
            inner join users on split.crm_user_id = users.delivered_crm_user_id
            union
            select from_id
            from opportunities
        ),

        -- A deal's splits are those of any deal that was merged with it.
        deals as (
            select opportunity_id
            from splits
            union
            select names.to_id
            from splits
            inner join ({{ names_of("opportunity") }}) as names on splits.opportunity_id = names.from_id
        ),

        houses as ({{ house_accounts() }}),

        -- Who was the house and is a rep now, or the other way: another line may have won their customers.
        turned as (
            select crm_user_id
            from
                (
                    {{
                        difference(
                            "(select crm_user_id, lower(rep_role) = 'house' as is_house from change.core_crm_user)",
                            "(select crm_user_id, lower(rep_role) = 'house' as is_house from "
                            ~ ref("core_crm_user")
                            ~ ")",
                        )
                    }}
                ) as told
            where is_house
        ),

        built as (
            select
                account_id,
                delivered_account_id,
                opportunity_id,
                delivered_opportunity_id,
                crm_user_id,
                delivered_crm_user_id,
                currency,
                ordered_on
            from {{ as_built("core_order_line") }}
        ),

        moved as (
            select account_id, ordered_on
            from {{ history_before("order_line") }}
            where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }}
            union all
            select lines.account_id, lines.ordered_on
            from {{ latest("order_line") }} as lines
            inner join {{ changed_keys("order_line") }} as changed on lines.order_line_id = changed.order_line_id
            union all
            select account_id, ordered_on
            from built
            where ordered_on >= {{ built_as_of_on() }}
            union all
            select built.account_id, built.ordered_on
            from built
            inner join users on built.delivered_crm_user_id = users.delivered_crm_user_id
            union all
            select built.account_id, built.ordered_on
            from built
            left join
                houses
                on built.account_id = houses.account_id
                and built.ordered_on >= houses.valid_from_on
                and built.ordered_on < houses.valid_to_on
            where built.delivered_crm_user_id is null and built.crm_user_id <> coalesce(houses.crm_user_id, 'unknown')
            union all
            select built.account_id, built.ordered_on
            from built
            inner join turned on built.crm_user_id = turned.crm_user_id
            union all
            select built.delivered_account_id, built.ordered_on
            from built
            inner join accounts on built.delivered_account_id = accounts.from_id
            union all
            select built.account_id, built.ordered_on
            from built
            inner join deals on built.opportunity_id = deals.opportunity_id
            union all
            select built.account_id, built.ordered_on
            from built
            inner join deals on built.delivered_opportunity_id = deals.opportunity_id
            union all
            select built.account_id, built.ordered_on
            from built
            inner join rates on built.currency = rates.currency and built.ordered_on = rates.day_on
            {% if "constant" in var("bases") %}
                union all
                select built.account_id, built.ordered_on
                from built
                inner join
                    ({{ moved_ids("core_constant_rate", "currency") }}) as constant_rates
                    on built.currency = constant_rates.currency
            {% endif %}
            {% if "real" in var("bases") %}
                union all
                select built.account_id, built.ordered_on
                from built
                inner join
                    ({{ moved_ids("core_price_index", "month_on") }}) as prices
                    on {{ month_on("built.ordered_on") }} = prices.month_on
            {% endif %}
        ),

        months as (select distinct account_id, {{ month_on("ordered_on") }} as month_on from moved)

    select account_id, month_on
    from months
    union
    select names.to_id, months.month_on
    from months
    inner join ({{ names_of("account") }}) as names on months.account_id = names.from_id
{% endif %}
