-- Which part of which payment is in the contract value of whom, of which year: what contract_value adds up of payments.
with payments as (select * from {{ ref("core_payment_part") }})

{% for basis in var("bases") %}
    select
        pieces.*,
        '{{ basis }}' as basis,
        'payment' as entity,
        payments.payment_local_amount,
        payments.currency,
        payments.fx_rate_id,
        payments.month_on,
        payments.{{ based("payment_amount", basis) }} as payment_amount,
        payments._file,
        payments._line
    from ({{ payment_pieces(basis=basis) }}) as pieces
    inner join
        payments
        on pieces.payment_id = payments.payment_id
        and pieces.payment_event = payments.payment_event
        and pieces.order_line_id is not distinct from payments.order_line_id
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
