{{ config(pre_hook="{{ keep_before() }}") }}
-- What of a line was given up, and when. A payment that names an order alone is of the order's lines, by what they were
-- sold for. At the rate of the line's day, so that a line given up as a whole is taken back as a whole.
with
    payments as (
        select
            payment_id,
            order_line_id,
            order_id,
            coalesce(written_off_on, begun_on) as written_off_on,
            written_off_amount,
            currency,
            _file,
            _line
        from {{ latest("payment") }}
        where written_off_amount <> 0
    ),

    of_lines as (
        select payments.*, payments.order_line_id as part_id, cast(1 as decimal(18, 4)) as weight
        from payments
        where payments.order_line_id is not null
        union all
        select payments.*, lines.order_line_id, lines.revenue_amount
        from payments
        inner join {{ ref("core_order_line") }} as lines on payments.order_id = lines.order_id
        where payments.order_line_id is null and lines.revenue_amount > 0
    ),

    parts as (
        {{
            allocate(
                "of_lines",
                whole=["payment_id"],
                part=["part_id"],
                amounts=["written_off_amount"],
                weight="weight",
                into=["part_amount"],
            )
        }}
    ),

    rates as (select * from {{ ref("core_fx_day") }})

select
    parts.payment_id,
    lines.order_line_id,
    parts.written_off_on,
    coalesce(refunds.refunded_order_line_id, lines.order_line_id) as credited_order_line_id,
    coalesce(refunds.refunded_on, lines.ordered_on) as sold_on,
    coalesce(refunds.account_id, lines.account_id) as account_id,
    coalesce(refunds.crm_user_id, lines.crm_user_id) as crm_user_id,
    case when refunds.order_line_id is null then lines.opportunity_id else refunds.opportunity_id end as opportunity_id,
    parts.part_amount as written_off_local_amount,
    parts.currency,
    rates.fx_rate_id,
    {{ money_product("parts.part_amount", "rates.fx_rate") }} as written_off_amount,
    parts._file,
    parts._line
from parts
inner join {{ ref("core_order_line") }} as lines on parts.part_id = lines.order_line_id
left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
left join rates on parts.currency = rates.currency and {{ rate_day("lines.ordered_on") }} = rates.day_on
