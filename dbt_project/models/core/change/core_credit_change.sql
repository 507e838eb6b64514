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
        owners as (select * from {{ ref("core_account_owner") }}),

        candidates as ({{ moved_ids("core_account_owner", "account_id") }})

    select month_on
    from {{ ref("core_order_line_change") }}
    union
    select {{ month_on("lines.ordered_on") }}
    from {{ ref("core_order_line") }} as lines
    inner join candidates on lines.account_id = candidates.account_id
    inner join {{ as_built("fct_credit") }} as built on lines.order_line_id = built.order_line_id
    left join owners on {{ is_owner_on("lines", "lines.ordered_on") }}
    where coalesce(owners.crm_user_id, 'unknown') <> built.crm_user_id
{% else %} select distinct month_on from {{ ref("core_order_line_change") }}
{% endif %}
