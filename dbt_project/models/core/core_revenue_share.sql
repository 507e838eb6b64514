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
        select order_line_id, opportunity_id, crm_user_id, delivered_crm_user_id, ordered_on, {{ sale_values() }}
        from {{ ref("core_order_line") }}
        where revenue_amount is not null and {{ is_made_anew("core_order_line_change", "ordered_on") }}
    ),

    {{ deal_splits("revenue") }},

    shared as (
        select
            lines.order_line_id,
            lines.ordered_on,
            splits.crm_user_id,
            lines.gross_margin_amount is not null as is_margin_known,
            {%- for basis in var("bases") %}
                max(lines.{{ based("revenue_amount", basis) }}) as {{ based("revenue_amount", basis) }},
                max(
                    coalesce(lines.{{ based("gross_margin_amount", basis) }}, 0)
                ) as {{ based("gross_margin_amount", basis) }},
            {%- endfor %}
            min(
                case when splits.crm_user_id = 'unknown' then splits.delivered_crm_user_id end
            ) as unmatched_crm_user_id,
            sum(splits.split_pct) as split_pct,
            min({{ struct_of({"file": "splits._file", "line": "splits._line"}) }}) as split_origin
        from lines
        inner join
            splits
            on lines.opportunity_id = splits.opportunity_id
            and lines.ordered_on >= splits.valid_from_on
            and lines.ordered_on < splits.valid_to_on
        group by 1, 2, 3, 4
    ),

    allocated as (
        {{
            allocate(
                "shared",
                whole=["order_line_id", "ordered_on"],
                part=["crm_user_id"],
                amounts=in_bases(values_of_sale()),
                weight="split_pct",
                into=in_bases(["seller_revenue_amount", "seller_margin_amount"]),
            )
        }}
    ),

    divided as (select distinct order_line_id from shared)

select
    order_line_id,
    ordered_on,
    crm_user_id,
    unmatched_crm_user_id,
    {%- for basis in var("bases") %}
        {{ based("seller_revenue_amount", basis) }} as {{ based("revenue_amount", basis) }},
        case
            when is_margin_known then {{ based("seller_margin_amount", basis) }}
        end as {{ based("gross_margin_amount", basis) }},
    {%- endfor %}
    split_pct,
    split_origin.file as split_file,
    split_origin.line as split_line
from allocated
union all
select
    lines.order_line_id,
    lines.ordered_on,
    lines.crm_user_id,
    case when lines.crm_user_id = 'unknown' then lines.delivered_crm_user_id end,
    {{ sale_values("lines") }},
    null,
    null,
    null
from lines
left join divided on lines.order_line_id = divided.order_line_id
where divided.order_line_id is null
