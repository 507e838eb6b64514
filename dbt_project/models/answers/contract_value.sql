with
    together as (
        {% for basis in var("bases") %}
            select
                crm_user_id,
                fiscal_year,
                opportunity_type,
                '{{ basis }}' as basis
                {%- for amount in contract_amounts() %}, sum({{ amount }}) as {{ amount }} {%- endfor %}
                {%- for amount in payment_amounts() %}, 0 as {{ amount }} {%- endfor %}
            from ({{ contract_pieces(basis=basis) }}) as pieces
            group by 1, 2, 3
            union all
            select
                crm_user_id,
                fiscal_year,
                opportunity_type,
                '{{ basis }}'
                {%- for amount in contract_amounts() %}, 0 {%- endfor %}
                {%- for amount in payment_amounts() %}, sum({{ amount }}) {%- endfor %}
            from ({{ payment_pieces(basis=basis) }}) as payments
            group by 1, 2, 3
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    summed as (
        select
            crm_user_id,
            fiscal_year,
            opportunity_type,
            basis
            {%- for amount in contract_amounts() + payment_amounts() %}
                , {{ sum_amount(amount) }} as {{ amount }}
            {%- endfor %}
        from together
        group by 1, 2, 3, 4
    )

select *, {{ metrics_used(contract_metrics()) }} as metric_versions
from summed
where
    {% for amount in contract_amounts() + payment_amounts() -%}
        {{ amount }} <> 0 {{ "or " if not loop.last }}
    {%- endfor %}
