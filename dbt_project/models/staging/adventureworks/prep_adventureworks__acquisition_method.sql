with
    orders as (select * from {{ ref("prep_adventureworks__sales_order_header") }}),

    order_reasons as (select * from {{ ref("prep_adventureworks__sales_order_header_sales_reason") }}),

    reasons as (select * from {{ ref("prep_adventureworks__sales_reason") }}),

    ranked_orders as (
        select
            *,
            row_number() over (
                partition by _source, _extract_date, customerid order by orderdate, salesorderid
            ) as order_number
        from orders
    ),

    -- What we paid for (marketing, then promotion) tells more of how a customer was won than what the product is like.
    ranked_reasons as (
        select
            order_reasons.salesorderid,
            reasons.name,
            row_number() over (
                partition by order_reasons._source, order_reasons._extract_date, order_reasons.salesorderid
                order by
                    case
                        reasons.reasontype when 'Marketing' then 1 when 'Promotion' then 2 when 'Other' then 3 else 4
                    end,
                    reasons.salesreasonid
            ) as position,
            order_reasons._source,
            order_reasons._extract_date
        from order_reasons
        inner join
            reasons
            on {{ same_extract("order_reasons", "reasons") }}
            and order_reasons.salesreasonid = reasons.salesreasonid
    ),

    methods as (
        select
            cast(ranked_orders.customerid as varchar) as account_id,
            case
                when ranked_orders.salespersonid is not null then 'sales rep' else ranked_reasons.name
            end as acquisition_method,
            ranked_orders._source,
            ranked_orders._extract_date
        from ranked_orders
        left join
            ranked_reasons
            on {{ same_extract("ranked_orders", "ranked_reasons") }}
            and ranked_orders.salesorderid = ranked_reasons.salesorderid
            and ranked_reasons.position = 1
        where ranked_orders.order_number = 1
    )

select *
from methods
