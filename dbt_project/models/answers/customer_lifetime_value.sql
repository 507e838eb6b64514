with
    acquisitions as (select * from {{ ref("core_acquisition") }}),

    customers as (select * from {{ ref("core_customer") }}),

    territories as (select territory_id, territory_name from {{ ref("dim_territory") }}),

    realised as (select * from {{ ref("core_customer_ltv") }} where age_months is null),

    bases as ({{ basis_rows() }})

select
    acquisitions.account_id,
    bases.basis,
    customers.account_name,
    acquisitions.acquired_on,
    acquisitions.acquisition_basis,
    nullif(acquisitions.acquiring_crm_user_id, 'unknown') as acquiring_crm_user_id,
    customers.industry,
    coalesce(nullif(territories.territory_name, 'unknown'), customers.region, 'unknown') as region,
    customers.acquisition_method,
    {{ of_basis("revenue_amount", "realised") }} as realised_ltv_amount,
    {{ of_basis("gross_margin_amount", "realised") }} as realised_margin_amount,
    cast(null as decimal(18, 4)) as projected_ltv_amount,
    cast(null as decimal(18, 4)) as projected_ltv_low_amount,
    cast(null as decimal(18, 4)) as projected_ltv_high_amount,
    {{ metrics_used(["realised_ltv", "gross_margin"]) }} as metric_versions
from acquisitions
inner join customers on acquisitions.account_id = customers.account_id
inner join realised on acquisitions.account_id = realised.account_id
cross join bases
left join territories on acquisitions.territory_id = territories.territory_id
