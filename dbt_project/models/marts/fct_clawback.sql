with
    items as (select * from {{ latest("pay_item") }}),

    commissions as (select * from items where lower(component) = 'commission'),

    clawbacks as (select * from items where lower(component) = 'clawback')

select
    clawbacks.employee_number,
    clawbacks.period_start_on,
    clawbacks.item_code,
    clawbacks.clawed_period_start_on,
    clawbacks.clawed_item_code,
    clawbacks.currency,
    clawbacks.pay_amount,
    commissions.currency as commission_currency,
    commissions.pay_amount as commission_pay_amount
from clawbacks
left join
    commissions
    on clawbacks.employee_number = commissions.employee_number
    and clawbacks.clawed_period_start_on = commissions.period_start_on
    and clawbacks.clawed_item_code = commissions.item_code
