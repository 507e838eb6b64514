-- Which part of which payment is in the contract value of whom, of which year: what contract_value adds up of payments.
with pieces as ({{ payment_pieces() }})

select
    pieces.*,
    'payment' as entity,
    payments.payment_local_amount,
    payments.currency,
    payments.fx_rate_id,
    payments.payment_amount,
    payments._file,
    payments._line
from pieces
inner join
    {{ ref("core_payment_part") }} as payments
    on pieces.payment_id = payments.payment_id
    and pieces.payment_event = payments.payment_event
    and pieces.order_line_id is not distinct from payments.order_line_id
