{{ config(pre_hook="{{ keep_before() }}") }}
-- Who won an account, and when: decided once, by the first line that a rep sold, and never changed by
-- a refund or a handover.
with
    firsts as (select * from {{ ref("core_first_line") }}),

    accounts as (select * from {{ ref("core_account") }}),

    file_start as (
        select min(ordered_on) as first_ordered_on from {{ ref("core_order_line") }} where ordered_on < {{ as_of_on() }}
    ),

    first_lines as (
        select
            firsts.account_id,
            users.crm_user_id as declared_crm_user_id,
            nullif(firsts.crm_user_id, 'unknown') as selling_crm_user_id,
            firsts.ordered_on as acquired_on,
            firsts.territory_id,
            accounts.created_on is null
            and firsts.ordered_on < {{ add_months("file_start.first_ordered_on", 12) }} as is_left_censored
        from firsts
        cross join file_start
        left join accounts on firsts.account_id = accounts.account_id
        left join {{ ref("core_rep") }} as users on accounts.acquiring_crm_user_id = users.crm_user_id
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
