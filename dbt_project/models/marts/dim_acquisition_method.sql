with
    methods as (
        select acquisition_method
        from {{ ref("core_customer") }}
        union
        select acquisition_method
        from {{ last_known("campaign") }}
        union
        select acquisition_method
        from {{ latest("marketing_spend") }}
        union
        select 'unknown'
    ),

    customers as (
        select acquisition_method, count(*) as account_count from {{ ref("core_customer") }} group by acquisition_method
    )

select methods.acquisition_method, coalesce(customers.account_count, 0) as account_count
from methods
left join customers on methods.acquisition_method = customers.acquisition_method
where methods.acquisition_method is not null
