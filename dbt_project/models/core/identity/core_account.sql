-- Each account as last known: of several that were merged the one that remains, with the day
-- when the first was created.
with
    accounts as (select * from {{ last_known("account") }}),

    crosswalk as (select from_id, to_id from {{ ref("core_crosswalk") }} where id_kind = 'account'),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    named as (
        select accounts.*, coalesce(crosswalk.to_id, accounts.account_id) as one_account_id
        from accounts
        left join crosswalk on accounts.account_id = crosswalk.from_id
    ),

    ranked as (
        select
            named.*,
            min(created_on) over (partition by one_account_id) as first_created_on,
            row_number() over (
                partition by one_account_id
                order by
                    valid_to_on desc,
                    case when account_id = one_account_id then 0 else 1 end,
                    known_from_on desc,
                    account_id
            ) as place
        from named
    )

select
    ranked.one_account_id as account_id,
    ranked.account_id as delivered_account_id,
    ranked.account_name,
    ranked.industry,
    ranked.business_type,
    ranked.acquisition_method,
    ranked.region,
    ranked.country_code,
    coalesce(parents.to_id, ranked.ultimate_parent_account_id) as ultimate_parent_account_id,
    coalesce(identity.crm_user_id, ranked.acquiring_crm_user_id) as acquiring_crm_user_id,
    ranked.first_created_on as created_on
from ranked
left join crosswalk as parents on ranked.ultimate_parent_account_id = parents.from_id
left join identity on ranked.acquiring_crm_user_id = identity.delivered_crm_user_id
where ranked.place = 1
