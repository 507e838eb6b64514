{{ config(pre_hook="{{ keep_before() }}") }}
-- What was handed over and then not sold, on the day on which it no longer counts. It stands with the last sale
-- before the handover, since there may be none after it; in another money it is of that sale's.
with
    handovers as (
        select
            *,
            {{ days_between("handed_over_on", "kept_to_on") }} as kept_days,
            {{ days_between("handed_over_on", add_months("handed_over_on", 12)) }} as year_days
        from {{ ref("core_handover") }}
        where handed_over_amount > 0 and kept_to_on <= {{ as_of_on() }}
    ),

    kept as (
        select account_id, handed_over_on, {{ sum_amount("kept_amount") }} as kept_amount
        from {{ ref("core_handover_share") }}
        group by account_id, handed_over_on
    ),

    declines as (
        select
            handovers.*,
            {{ money_part("handovers.handed_over_amount", "handovers.kept_days", "handovers.year_days") }}
            - coalesce(kept.kept_amount, 0) as declined_amount
        from handovers
        left join kept on handovers.account_id = kept.account_id and handovers.handed_over_on = kept.handed_over_on
    ),

    sold as (
        select
            declines.account_id,
            declines.handed_over_on,
            lines.order_line_id,
            lines.ordered_on,
            lines.crm_user_id,
            lines.opportunity_id,
            {{ in_bases(["revenue_amount"], "lines") | join(", ") }},
            row_number() over (
                partition by declines.account_id, declines.handed_over_on
                order by lines.ordered_on desc, lines.order_line_id desc
            ) as nth
        from declines
        inner join
            {{ ref("core_order_line") }} as lines
            on declines.account_id = lines.account_id
            and lines.ordered_on < declines.handed_over_on
            and lines.ordered_on >= {{ add_months("declines.handed_over_on", -12) }}
        left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
        where declines.declined_amount > 0 and lines.revenue_amount > 0 and refunds.order_line_id is null
    )

select
    declines.account_id,
    declines.handed_over_on,
    {{ add_days("declines.kept_to_on", -1) }} as declined_on,
    sold.order_line_id,
    sold.ordered_on,
    sold.crm_user_id as seller_crm_user_id,
    sold.opportunity_id,
    declines.from_crm_user_id,
    declines.to_crm_user_id,
    cast(declines.declined_amount as decimal(18, 4)) as declined_amount
    {%- for basis in var("bases") if basis != "nominal" %}
        ,
        {{ money_part("sold." ~ based("revenue_amount", basis), "declines.declined_amount", "sold.revenue_amount") }}
        as {{ based("declined_amount", basis) }}
    {%- endfor %}
from declines
inner join
    sold on declines.account_id = sold.account_id and declines.handed_over_on = sold.handed_over_on and sold.nth = 1
