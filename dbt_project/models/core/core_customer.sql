-- Every account that the CRM or an order line names, as last known.
with
    accounts as (select * from {{ ref("core_account") }}),

    named as (
        select account_id
        from accounts
        union
        select account_id
        from {{ ref("core_order_line") }}
    )

select
    named.account_id,
    accounts.account_name,
    coalesce(accounts.industry, 'unknown') as industry,
    accounts.business_type,
    coalesce(accounts.acquisition_method, 'unknown') as acquisition_method,
    accounts.region,
    accounts.country_code,
    accounts.ultimate_parent_account_id,
    accounts.created_on,
    accounts.account_id is not null as is_in_crm
from named
left join accounts on named.account_id = accounts.account_id
