-- Who won an account, and when: decided once, by the first line that a rep sold, and never changed by a refund or a
-- handover.
with
    lines as (
        select
            order_line_id,
            account_id,
            nullif(crm_user_id, 'unknown') as crm_user_id,
            territory_id,
            ordered_on,
            row_number() over (
                partition by account_id
                order by
                    case when crm_user_id = 'unknown' then 1 else 0 end,
                    ordered_on,
                    try_cast(order_line_id as bigint) nulls last,
                    order_line_id
            ) as place
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }}
    ),

    accounts as (select * from {{ last_known("account") }}),

    file_start as (select min(ordered_on) as first_ordered_on from lines),

    first_lines as (
        select
            lines.account_id,
            users.crm_user_id as declared_crm_user_id,
            lines.crm_user_id as selling_crm_user_id,
            lines.ordered_on as acquired_on,
            lines.territory_id,
            accounts.created_on is null
            and lines.ordered_on < {{ add_months("file_start.first_ordered_on", 12) }} as is_left_censored
        from lines
        cross join file_start
        left join accounts on lines.account_id = accounts.account_id
        left join {{ ref("core_rep") }} as users on accounts.acquiring_crm_user_id = users.crm_user_id
        where lines.place = 1
    )

select
    account_id,
    coalesce(declared_crm_user_id, selling_crm_user_id, 'unknown') as acquiring_crm_user_id,
    acquired_on,
    {{ fiscal_year("acquired_on") }} as fiscal_year,
    territory_id,
    case
        when declared_crm_user_id is not null then 'declared' when is_left_censored then 'left_censored' else 'inferred'
    end as acquisition_basis
from first_lines
