-- Who looked after an account and which one stood above it, day by day. Of several that were merged, the one that
-- remains says it, as far back as it was there.
with
    crosswalk as (select from_id, to_id from {{ ref("core_crosswalk") }} where id_kind = 'account'),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    versions as (
        select
            coalesce(crosswalk.to_id, accounts.account_id) as one_id,
            accounts.account_id as own_id,
            coalesce(identity.crm_user_id, accounts.owner_crm_user_id) as owner_crm_user_id,
            coalesce(parents.to_id, accounts.ultimate_parent_account_id) as ultimate_parent_account_id,
            accounts._source,
            accounts.valid_from_on,
            accounts.valid_to_on,
            greatest(accounts.begun_on, accounts.valid_from_on) as begun_on
        from {{ now_known("account") }} as accounts
        left join crosswalk on accounts.account_id = crosswalk.from_id
        left join crosswalk as parents on accounts.ultimate_parent_account_id = parents.from_id
        left join identity on accounts.owner_crm_user_id = identity.delivered_crm_user_id
    ),

    {{ joined_spans("versions", prefers="case when shared.own_id = shared.one_id then 0 else 1 end, shared.begun_on desc") }}

select
    one_id as account_id,
    owner_crm_user_id,
    ultimate_parent_account_id,
    {{ reaching_from_on("account") }} as valid_from_on,
    valid_to_on
from joined
