-- AdventureWorks has no order lines here: an order is one line of its SubTotal.
with
    orders as (select * from {{ ref("prep_adventureworks__sales_order_header") }}),

    order_lines as (
        select
            cast(salesorderid as varchar) as order_line_id,
            cast(salesorderid as varchar) as order_id,
            cast(customerid as varchar) as account_id,
            cast(salespersonid as varchar) as crm_user_id,
            cast(territoryid as varchar) as territory_id,
            orderdate as ordered_on,
            subtotal as booked_amount,
            'USD' as currency,
            -- OnlineOrderFlag contradicts the sales person on 20 orders, and the money is the sales person's.
            case when salespersonid is not null then 'rep' else 'online' end as channel,
            _source,
            _extract_date,
            _file,
            _line
        from orders
    )

select
    order_lines.*,
    {{
        absent_columns(
            "order_line",
            [
                "opportunity_id", "quantity", "unit_cost_amount", "list_amount", "partner_amount", "term_months", "product_code",
                "refunds_order_line_id", "created_by", "modified_by", "effective_on", "updated_at", "is_deleted",
            ],
        )
    }}
from order_lines
