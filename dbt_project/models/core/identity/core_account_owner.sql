{{ config(pre_hook="{{ keep_before() }}") }}
-- Who looked after each account, since when and until when. A day without an owner who is a rep has no row.
with accounts as (select * from {{ ref("core_account_span") }}), reps as (select crm_user_id from {{ ref("core_rep") }})

select accounts.account_id, reps.crm_user_id, accounts.valid_from_on, accounts.valid_to_on
from accounts
inner join reps on accounts.owner_crm_user_id = reps.crm_user_id
