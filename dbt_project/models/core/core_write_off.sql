{{ config(pre_hook="{{ keep_before() }}") }}
-- What of a line was given up, and when, with the sale whose credit it undoes. At the rate of the line's day: what is
-- given up as a whole is taken back as a whole. Net of what a partner keeps, as the sale was credited.
with payments as (select * from {{ ref("core_payment_part") }} where payment_event = 'written_off')

select
    payments.payment_id,
    payments.order_line_id,
    payments.happened_on as written_off_on,
    coalesce(refunds.refunded_order_line_id, lines.order_line_id) as credited_order_line_id,
    coalesce(refunds.refunded_on, lines.ordered_on) as sold_on,
    coalesce(refunds.account_id, lines.account_id) as account_id,
    coalesce(refunds.crm_user_id, lines.crm_user_id) as crm_user_id,
    case when refunds.order_line_id is null then lines.opportunity_id else refunds.opportunity_id end as opportunity_id,
    payments.payment_local_amount as written_off_local_amount,
    payments.currency,
    payments.fx_rate_id,
    {% for basis in var("bases") %}
        {%- set paid = "payments." ~ based("payment_amount", basis) %}
        case
            when lines.partner_reporting_amount <> 0 and lines.revenue_amount + lines.partner_reporting_amount <> 0
            then
                {{ money_part(paid, "lines.revenue_amount", "(lines.revenue_amount + lines.partner_reporting_amount)") }}
            else {{ paid }}
        end as {{ based("written_off_amount", basis) }},
    {% endfor %}
    payments._file,
    payments._line
from payments
inner join {{ ref("core_order_line") }} as lines on payments.order_line_id = lines.order_line_id
left join {{ ref("core_refund") }} as refunds on lines.order_line_id = refunds.order_line_id
