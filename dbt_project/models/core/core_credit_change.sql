-- The months whose credit is made anew tonight: of the sales that are, and of accounts that are told to be somebody
-- else's. Empty on a night that makes everything anew.
{% if is_whole_night() %} select cast(null as date) as month_on where false
{% elif var("credit_policy") == "acquirer" %}
    with
        moved as (
            select distinct account_id
            from
                (
                    {{
                        difference(
                            "(select account_id, acquiring_crm_user_id from change.core_acquisition)",
                            "(select account_id, acquiring_crm_user_id from " ~ ref("core_acquisition") ~ ")",
                        )
                    }}
                ) as told
        )

    select month_on
    from {{ ref("core_order_line_change") }}
    union
    select {{ month_on("lines.ordered_on") }}
    from {{ ref("core_order_line") }} as lines
    inner join moved on lines.account_id = moved.account_id
{% elif var("credit_policy") == "owner" %}
    with
        owners as (select account_id, owner_crm_user_id, valid_from_on, valid_to_on from {{ now_known("account") }}),

        moved_reps as ({{ moved_users("core_rep") }}),

        candidates as (
            select account_id
            from {{ changed_keys("account") }}
            union
            select owners.account_id
            from owners
            inner join moved_reps on owners.owner_crm_user_id = moved_reps.crm_user_id
        )

    select month_on
    from {{ ref("core_order_line_change") }}
    union
    select {{ month_on("lines.ordered_on") }}
    from {{ ref("core_order_line") }} as lines
    inner join candidates on lines.account_id = candidates.account_id
    inner join main.fct_credit as built on lines.order_line_id = built.order_line_id
    left join
        owners
        on lines.account_id = owners.account_id
        and lines.ordered_on >= owners.valid_from_on
        and lines.ordered_on < owners.valid_to_on
    left join {{ ref("core_rep") }} as reps on owners.owner_crm_user_id = reps.crm_user_id
    where coalesce(reps.crm_user_id, 'unknown') <> built.crm_user_id
{% else %} select distinct month_on from {{ ref("core_order_line_change") }}
{% endif %}
