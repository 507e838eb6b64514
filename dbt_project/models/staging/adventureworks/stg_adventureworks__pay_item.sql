-- A sales person's bonus has no date and so no month: it is left out, and `cost_components_missing` names it.
with
    base_pay as (select * from {{ ref("prep_adventureworks__base_pay") }}),

    commission as (select * from {{ ref("prep_adventureworks__commission") }}),

    components as (
        select *, 'base' as component
        from base_pay
        union all
        select *, 'commission' as component
        from commission
    ),

    pay_items as (select *, 'USD' as currency from components)

select
    pay_items.*,
    {{
        absent_columns(
            "pay_item",
            [
                "paid_on", "clawed_period_start_on", "clawed_item_code", "is_estimated", "effective_on", "updated_at", "is_deleted",
            ],
        )
    }}
from pay_items
