-- What was invoiced, collected and written off for each order line. A payment that names an order alone is of the
-- order's lines, by what they were sold for. At the rate of the line's day, so that what was sold, invoiced and
-- collected compare: what exchange brings between these days is no sale.
{% set events = ["invoiced", "collected", "written_off"] %}
with
    payments as (
        select
            payment_id,
            order_line_id,
            order_id,
            currency,
            begun_on,
            {% for event in events %}
                coalesce({{ event }}_amount, 0) as {{ event }}_amount,
                case when {{ event }}_amount <> 0 then coalesce({{ event }}_on, begun_on) end as {{ event }}_on,
            {% endfor %}
            _file,
            _line
        from {{ latest("payment") }}
    ),

    sales as (select order_line_id, order_id, ordered_on, revenue_amount from {{ ref("core_order_line") }}),

    of_orders as (
        select payments.*, sales.order_line_id as part_id, sales.revenue_amount as weight
        from payments
        inner join sales on payments.order_id = sales.order_id
        where payments.order_line_id is null and sales.revenue_amount > 0
    ),

    allocated as (
        {{
            allocate(
                "of_orders",
                whole=["payment_id"],
                part=["part_id"],
                amounts=["invoiced_amount", "collected_amount", "written_off_amount"],
                weight="weight",
                into=["invoiced_part_amount", "collected_part_amount", "written_off_part_amount"],
            )
        }}
    ),

    divided as (select distinct payment_id from of_orders),

    parts as (
        select
            payment_id,
            part_id as named_line_id,
            currency,
            begun_on,
            {% for event in events %} {{ event }}_on, {{ event }}_part_amount as {{ event }}_local_amount, {% endfor %}
            _file,
            _line
        from allocated
        union all
        select
            payments.payment_id,
            payments.order_line_id,
            payments.currency,
            payments.begun_on,
            {% for event in events %} payments.{{ event }}_on, payments.{{ event }}_amount, {% endfor %}
            payments._file,
            payments._line
        from payments
        left join divided on payments.payment_id = divided.payment_id
        where divided.payment_id is null
    ),

    dated as (
        select
            parts.*,
            sales.order_line_id,
            least(parts.invoiced_on, parts.collected_on, parts.written_off_on) as opened_on,
            {{ rate_day("coalesce(sales.ordered_on, parts.invoiced_on, parts.begun_on)") }} as rate_on
        from parts
        left join sales on parts.named_line_id = sales.order_line_id
    ),

    rates as (select * from {{ ref("core_fx_day") }})

{% for event in events %}
    select
        dated.payment_id,
        '{{ event }}' as payment_event,
        dated.order_line_id,
        dated.{{ event }}_on as happened_on,
        dated.opened_on,
        dated.{{ event }}_local_amount as payment_local_amount,
        dated.currency,
        rates.fx_rate_id,
        {{ money_product("dated." ~ event ~ "_local_amount", "rates.fx_rate") }} as payment_amount,
        {{ other_bases("dated." ~ event ~ "_local_amount", "rates.fx_rate", "payment_amount") }}
        {{ month_on("dated.rate_on") }} as month_on,
        dated._file,
        dated._line
    from dated
    left join
        rates
        on dated.currency = rates.currency
        and dated.rate_on = rates.day_on {{ join_other_bases("dated", "rate_on") }}
    where dated.{{ event }}_on is not null
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
