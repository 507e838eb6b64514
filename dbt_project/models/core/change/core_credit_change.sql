-- The months whose credit is made anew tonight, under whichever policy: of sales that are, of accounts that are
-- told to be somebody else's, of deals of another type, and of what undoes any of these.
-- Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% else %}
    with
        acquisitions as (
            select distinct account_id
            from
                (
                    {{
                        difference(
                            "(select account_id, acquiring_crm_user_id, acquired_on from change.core_acquisition)",
                            "(select account_id, acquiring_crm_user_id, acquired_on from " ~ ref("core_acquisition") ~ ")",
                        )
                    }}
                ) as told
        ),

        owned as ({{ moved_ids("core_account_owner", "account_id") }}),

        passed_on as ({{ moved_ids("core_handover", "account_id") }}),

        adjusted as ({{ moved_ids("core_credit_adjustment", "order_line_id") }}),

        types as (
            select opportunity_id
            from
                (
                    {{
                        difference(
                            "(select opportunity_id, opportunity_type from "
                            ~ history_before("opportunity")
                            ~ " as before where known_to_on = "
                            ~ end_of_time()
                            ~ " and valid_to_on = "
                            ~ end_of_time()
                            ~ ")",
                            "(select told.opportunity_id, told.opportunity_type from "
                            ~ latest("opportunity")
                            ~ " as told inner join "
                            ~ changed_keys("opportunity")
                            ~ " as changed on told.opportunity_id = changed.opportunity_id)",
                        )
                    }}
                ) as told
        ),

        deals as (
            select opportunity_id
            from types
            union
            select names.to_id
            from types
            inner join ({{ names_of("opportunity") }}) as names on types.opportunity_id = names.from_id
        ),

        lines as (select order_line_id, account_id, opportunity_id, ordered_on from {{ ref("core_order_line") }}),

        touched as (
            select account_id, month_on
            from {{ ref("core_order_line_change") }}
            union
            select lines.account_id, {{ month_on("lines.ordered_on") }}
            from lines
            inner join acquisitions on lines.account_id = acquisitions.account_id
            union
            select lines.account_id, {{ month_on("lines.ordered_on") }}
            from lines
            inner join owned on lines.account_id = owned.account_id
            left join
                change.core_account_owner as before
                on lines.account_id = before.account_id
                and lines.ordered_on >= before.valid_from_on
                and lines.ordered_on < before.valid_to_on
            left join
                {{ ref("core_account_owner") }} as told
                on lines.account_id = told.account_id
                and lines.ordered_on >= told.valid_from_on
                and lines.ordered_on < told.valid_to_on
            where before.crm_user_id is distinct from told.crm_user_id
            union
            select lines.account_id, {{ month_on("lines.ordered_on") }}
            from lines
            inner join passed_on on lines.account_id = passed_on.account_id
            left join
                change.core_handover as before
                on lines.account_id = before.account_id
                and lines.ordered_on >= before.handed_over_on
                and lines.ordered_on < before.held_to_on
            left join
                {{ ref("core_handover") }} as told
                on lines.account_id = told.account_id
                and lines.ordered_on >= told.handed_over_on
                and lines.ordered_on < told.held_to_on
            where before.to_crm_user_id is distinct from told.to_crm_user_id
            union
            select account_id, {{ month_on("ordered_on") }}
            from ({{ difference("change.core_handover_share", ref("core_handover_share")) }}) as moved
            union
            select lines.account_id, {{ month_on("lines.ordered_on") }}
            from lines
            inner join deals on lines.opportunity_id = deals.opportunity_id
            union
            select lines.account_id, {{ month_on("lines.ordered_on") }}
            from lines
            inner join adjusted on lines.order_line_id = adjusted.order_line_id
        )

    select month_on
    from touched
    union
    select {{ month_on("refunds.ordered_on") }}
    from {{ ref("core_refund") }} as refunds
    inner join
        touched on refunds.account_id = touched.account_id and {{ month_on("refunds.refunded_on") }} = touched.month_on
    union
    select {{ month_on("ordered_on") }}
    from ({{ difference("change.core_refund", ref("core_refund")) }}) as moved
    union
    select {{ month_on("write_offs.written_off_on") }}
    from {{ ref("core_write_off") }} as write_offs
    inner join
        touched
        on write_offs.account_id = touched.account_id
        and {{ month_on("write_offs.sold_on") }} = touched.month_on
    union
    select {{ month_on("written_off_on") }}
    from ({{ difference("change.core_write_off", ref("core_write_off")) }}) as moved
    union
    select {{ month_on("declined_on") }}
    from ({{ difference("change.core_handover_decline", ref("core_handover_decline")) }}) as moved
    union
    select {{ month_on("written_off_on") }}
    from {{ ref("core_write_off") }}
    where written_off_on >= {{ built_as_of_on() }}
{% endif %}
