-- Who looks after a customer is not kept with a date, so the rep of the last order so far counts as the owner.
with
    orders as (select * from {{ ref("prep_adventureworks__sales_order_header") }}),

    ranked_orders as (
        select
            *,
            row_number() over (
                partition by _source, _extract_date, customerid, orderdate order by salesorderid desc
            ) as position_from_last
        from orders
    ),

    day_ends as (
        select
            customerid,
            orderdate,
            salespersonid,
            lag(salespersonid) over by_customer as previous_salespersonid,
            row_number() over by_customer as day_number,
            _source,
            _extract_date
        from ranked_orders
        where position_from_last = 1
        window by_customer as (partition by _source, _extract_date, customerid order by orderdate)
    ),

    owners as (
        select
            cast(customerid as varchar) as account_id,
            cast(salespersonid as varchar) as owner_crm_user_id,
            orderdate as effective_on,
            _source,
            _extract_date
        from day_ends
        where day_number = 1 or salespersonid is distinct from previous_salespersonid
    )

select *
from owners
