with
    customers as (select * from {{ ref("core_customer") }}),

    acquisitions as (select * from {{ ref("core_acquisition") }})

select
    customers.account_id,
    customers.account_name,
    customers.industry,
    customers.business_type,
    customers.acquisition_method,
    customers.region as account_region,
    customers.country_code,
    customers.ultimate_parent_account_id,
    customers.created_on,
    acquisitions.acquired_on,
    acquisitions.acquisition_basis,
    nullif(acquisitions.acquiring_crm_user_id, 'unknown') as acquiring_crm_user_id
from customers
left join acquisitions on customers.account_id = acquisitions.account_id
where customers.account_id <> 'unknown'
union all
select 'unknown', 'unknown', 'unknown', null, 'unknown', null, null, null, null, null, null, null
