{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_months('core_order_line_change', 'ordered_on') }}",
    )
}}
-- Who sold a line: the revenue split of its opportunity on the line's date, else the line's own rep, else nobody that
-- we know. Only lines with a split are divided: the rest are most of what there is.
with
    lines as (
        select order_line_id, opportunity_id, crm_user_id, ordered_on, revenue_amount, gross_margin_amount
        from {{ ref("core_order_line") }}
        where revenue_amount is not null and {{ is_made_anew("core_order_line_change", "ordered_on") }}
    ),

    splits as (
        select
            split.opportunity_id,
            coalesce(users.crm_user_id, 'unknown') as crm_user_id,
            split.valid_from_on,
            split.valid_to_on,
            split.split_pct
        from {{ now_known("opportunity_split") }} as split
        left join {{ ref("core_identity") }} as users on split.crm_user_id = users.crm_user_id
        where split.split_role = 'revenue' and split.split_pct > 0
    ),

    shared as (
        select
            lines.order_line_id,
            lines.ordered_on,
            splits.crm_user_id,
            lines.revenue_amount,
            coalesce(lines.gross_margin_amount, 0) as gross_margin_amount,
            lines.gross_margin_amount is not null as is_margin_known,
            sum(splits.split_pct) as split_pct
        from lines
        inner join
            splits
            on lines.opportunity_id = splits.opportunity_id
            and lines.ordered_on >= splits.valid_from_on
            and lines.ordered_on < splits.valid_to_on
        group by 1, 2, 3, 4, 5, 6
    ),

    allocated as (
        {{
            allocate(
                "shared",
                whole=["order_line_id", "ordered_on"],
                part=["crm_user_id"],
                amounts=["revenue_amount", "gross_margin_amount"],
                weight="split_pct",
                into=["seller_revenue_amount", "seller_margin_amount"],
            )
        }}
    ),

    divided as (select distinct order_line_id from shared)

select
    order_line_id,
    ordered_on,
    crm_user_id,
    seller_revenue_amount as revenue_amount,
    case when is_margin_known then seller_margin_amount end as gross_margin_amount
from allocated
union all
select lines.order_line_id, lines.ordered_on, lines.crm_user_id, lines.revenue_amount, lines.gross_margin_amount
from lines
left join divided on lines.order_line_id = divided.order_line_id
where divided.order_line_id is null
