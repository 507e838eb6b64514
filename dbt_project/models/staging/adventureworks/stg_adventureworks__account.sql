with
    customers as (select * from {{ ref("prep_adventureworks__customer") }}),

    stores as (select * from {{ ref("prep_adventureworks__store") }}),

    owners as (select * from {{ ref("prep_adventureworks__account_owner") }}),

    methods as (select * from {{ ref("prep_adventureworks__acquisition_method") }}),

    accounts as (
        select
            cast(customers.customerid as varchar) as account_id,
            -- Individuals have no name here that is not personal; the number they are known by has to do.
            coalesce(stores.name, customers.accountnumber) as account_name,
            nullif(regexp_extract(stores.demographics, '<Specialty>([^<]*)</Specialty>', 1), '') as industry,
            nullif(regexp_extract(stores.demographics, '<BusinessType>([^<]*)</BusinessType>', 1), '') as business_type,
            owners.owner_crm_user_id,
            methods.acquisition_method,
            owners.effective_on,
            customers._source,
            customers._extract_date,
            customers._file,
            customers._line
        from customers
        left join stores on {{ same_extract("customers", "stores") }} and customers.storeid = stores.businessentityid
        left join
            owners
            on {{ same_extract("customers", "owners") }}
            and cast(customers.customerid as varchar) = owners.account_id
        left join
            methods
            on {{ same_extract("customers", "methods") }}
            and cast(customers.customerid as varchar) = methods.account_id
    )

select
    accounts.*,
    {{
        absent_columns(
            "account",
            [
                "region", "country_code", "ultimate_parent_account_id", "acquiring_crm_user_id", "campaign_id", "created_on",
                "merged_into_account_id", "created_by", "modified_by", "updated_at", "is_deleted",
            ],
        )
    }}
from accounts
