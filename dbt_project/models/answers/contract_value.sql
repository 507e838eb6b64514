with
    pieces as ({{ contract_pieces() }}),

    payments as ({{ payment_pieces() }}),

    together as (
        select
            crm_user_id,
            fiscal_year,
            opportunity_type
            {%- for amount in contract_amounts() %}, sum({{ amount }}) as {{ amount }} {%- endfor %}
            {%- for amount in payment_amounts() %}, 0 as {{ amount }} {%- endfor %}
        from pieces
        group by 1, 2, 3
        union all
        select
            crm_user_id,
            fiscal_year,
            opportunity_type
            {%- for amount in contract_amounts() %}, 0 {%- endfor %}
            {%- for amount in payment_amounts() %}, sum({{ amount }}) {%- endfor %}
        from payments
        group by 1, 2, 3
    ),

    summed as (
        select
            crm_user_id,
            fiscal_year,
            opportunity_type
            {%- for amount in contract_amounts() + payment_amounts() %}
                , {{ sum_amount(amount) }} as {{ amount }}
            {%- endfor %}
        from together
        group by 1, 2, 3
    )

select *, {{ metrics_used(["tcv"]) }} as metric_versions
from summed
where
    {% for amount in contract_amounts() + payment_amounts() -%}
        {{ amount }} <> 0 {{ "or " if not loop.last }}
    {%- endfor %}
