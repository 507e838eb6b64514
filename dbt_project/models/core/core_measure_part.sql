-- What the amount that the company declares as its measure (contract_measure) counts of each order line or payment, in
-- each fiscal year, for each rep who sold a part of the line. Empty where none is declared beside revenue.
{% set measured = declared_amount() %}
{% set payment = ["payment_id", "payment_event"] if is_of_payments() else ["cast(null as varchar)"] * 2 %}
with
    pieces as (
        {% for basis in var("bases") if measured %}
            select
                order_line_id,
                {{ payment[0] }} as payment_id,
                {{ payment[1] }} as payment_event,
                crm_user_id,
                fiscal_year
                {%- for one in var("bases") %}
                    ,
                    {{ measured if one == basis else "cast(0 as decimal(18, 4))" }}
                    as {{ based("declared_amount", one) }}
                {%- endfor %}
            from
                (
                    {% if is_of_payments() %}{{ payment_pieces(with_types=false, basis=basis) }}
                    {% else %}{{ contract_pieces(with_types=false, basis=basis) }}
                    {% endif %}
                ) as pieces
            where {{ measured }} <> 0
            {% if not loop.last %}
                union all
            {% endif %}
        {% else %}
            select
                order_line_id,
                cast(null as varchar) as payment_id,
                cast(null as varchar) as payment_event,
                crm_user_id,
                fiscal_year,
                {{ no_declared_amounts() }}
            from {{ ref("core_order_line") }}
            where false
        {% endfor %}
    ),

    summed as (
        select order_line_id, payment_id, payment_event, crm_user_id, fiscal_year, {{ summed_declared_amounts() }}
        from pieces
        group by 1, 2, 3, 4, 5
    )

select
    summed.*,
    lines.account_id,
    lines.territory_id as order_territory_id,
    coalesce(lines.channel, 'unknown') as channel,
    lines.ordered_on
from summed
left join {{ ref("core_order_line") }} as lines on summed.order_line_id = lines.order_line_id
