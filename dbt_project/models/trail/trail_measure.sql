-- Which part of which order line or payment is in whose declared measure of which year, by delivered line. It has no
-- row where the company declares no measure beside revenue.
{% if declared_amount() %}
    {% set is_paid = declared_amount() in payment_amounts() %}
    with declared as ({{ declared_rows() }})

    select
        declared.*,
        '{{ "payment" if is_paid else "order_line" }}' as entity,
        {% if is_paid %} told.payment_local_amount as local_amount, told.payment_amount as reporting_amount,
        {% else %} told.booked_amount as local_amount, told.revenue_amount as reporting_amount,
        {% endif %}
        told.currency,
        told.fx_rate_id,
        told._file,
        told._line
    from declared
    {% if is_paid %}
        inner join
            {{ ref("core_payment_part") }} as told
            on declared.payment_id = told.payment_id
            and declared.payment_event = told.payment_event
            and declared.order_line_id is not distinct from told.order_line_id
    {% else %} inner join {{ ref("core_order_line") }} as told on declared.order_line_id = told.order_line_id
    {% endif %}
{% else %}
    select
        cast(null as varchar) as crm_user_id,
        cast(null as integer) as fiscal_year,
        cast(null as decimal(18, 4)) as declared_amount
    where false
{% endif %}
