-- What can't be told in a basis that the company declares: money without a rate on the one day and in the budget, and
-- months before the first index.
with
    deals as (select *, {{ deal_rated_on() }} as rated_on from {{ latest("opportunity") }} as opportunities),

    rates as (select * from {{ ref("core_fx_day") }}),

    amounts as (
        select
            'order_line' as entity,
            currency,
            {{ month_on("ordered_on") }} as month_on,
            {{ in_bases(["revenue_amount"]) | join(", ") }}
        from {{ ref("core_order_line") }}
        union all
        select 'payment', currency, month_on, {{ in_bases(["payment_amount"]) | join(", ") }}
        from {{ ref("core_payment_part") }}
        union all
        select
            'opportunity',
            deals.currency,
            {{ month_on("deals.rated_on") }},
            {%- set nominal = money_product("deals.opportunity_amount", "rates.fx_rate") %}
            {%- for basis in var("bases") %}
                {{ in_one_basis("deals.opportunity_amount", nominal, basis) }}{{ "," if not loop.last }}
            {%- endfor %}
        from deals
        left join
            rates
            on deals.currency = rates.currency
            and {{ rate_day("deals.rated_on") }} = rates.day_on {{ join_other_bases("deals", "rated_on") }}
        union all
        select entity, currency, month_on, {{ in_bases(["cost_amount"]) | join(", ") }}
        from {{ ref("core_cost_line") }}
        union all
        select 'cost_pool', currency, month_on, {{ in_bases(["cost_amount"]) | join(", ") }}
        from {{ ref("core_pool_line") }}
        union all
        select 'coaching', currency, month_on, {{ in_bases(["cost_amount"]) | join(", ") }}
        from {{ ref("core_coaching_line") }}
        union all
        select 'marketing_spend', currency, month_on, {{ in_bases(["spend_amount"]) | join(", ") }}
        from {{ ref("core_marketing_line") }}
    )

{% for basis in var("bases") if basis != "nominal" %}
    select
        '{{ basis }}' as basis,
        entity,
        {{ "currency" if basis == "constant" else "cast(" ~ month_on("month_on") ~ " as varchar)" }} as lacking,
        count(*) as row_count
    from amounts
    where revenue_amount is not null and {{ based("revenue_amount", basis) }} is null
    group by 1, 2, 3
    {% if not loop.last %}
        union all
    {% endif %}
{% else %}
    select cast(null as varchar) as basis, entity, cast(null as varchar) as lacking, cast(0 as bigint) as row_count
    from amounts
    where false
{% endfor %}
