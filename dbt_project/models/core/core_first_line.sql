{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_accounts('core_order_line_change') }}",
    )
}}
-- The line that won an account: its first that names a rep as its seller, else its first. The house holds what nobody
-- won, so it is no earlier winner than a rep, even where a line names it. The least of what decides, not a sorted
-- list of all lines of an account.
with
    lines as (
        select *
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and {{ is_of_changed_account("core_order_line_change") }}
    ),

    houses as ({{ house_users() }}),

    firsts as (
        select
            lines.account_id,
            min(
                {{
                    struct_of(
                        {
                            "has_no_seller": "case when lines.delivered_crm_user_id is null or lines.crm_user_id = 'unknown' or houses.crm_user_id is not null then 1 else 0 end",
                            "ordered_on": "lines.ordered_on",
                            "line_number": "coalesce(try_cast(lines.order_line_id as bigint), 9223372036854775807)",
                            "order_line_id": "lines.order_line_id",
                            "crm_user_id": "lines.crm_user_id",
                            "territory_id": "lines.territory_id",
                        }
                    )
                }}
            ) as line
        from lines
        left join houses on lines.crm_user_id = houses.crm_user_id
        group by lines.account_id
    )

select
    account_id,
    line.order_line_id as order_line_id,
    line.ordered_on as ordered_on,
    line.crm_user_id as crm_user_id,
    line.territory_id as territory_id
from firsts
