{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_order_line_change') }}",
    )
}}
-- What each rep sold to each account in each territory in a fiscal year: all that the cuts need to know of the lines.
with
    lines as (
        select order_line_id, account_id, territory_id, fiscal_year
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and {{ is_of_changed_year("core_order_line_change") }}
    ),

    shares as (select * from {{ ref("core_revenue_share") }})

select lines.account_id, lines.territory_id, shares.crm_user_id, lines.fiscal_year, {{ summed_sale_values("shares") }}
from shares
inner join lines on shares.order_line_id = lines.order_line_id
group by 1, 2, 3, 4
