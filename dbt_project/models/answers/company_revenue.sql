-- A year of a channel may have no sale and something of the declared measure all the same: what is recognised or
-- collected of the years before.
with
    told as (
        select
            fiscal_year,
            channel,
            order_count,
            {{ in_bases(["revenue_amount"]) | join(", ") }},
            {{ no_declared_amounts() }}
        from {{ ref("core_channel_sale") }}
        {% if declared_amount() %}
            union all
            select fiscal_year, channel, 0, {{ nothing_of(["revenue_amount"]) }}, {{ declared_amounts() }}
            from {{ ref("core_measure_part") }}
        {% endif %}
    ),

    summed as (
        select
            fiscal_year,
            channel,
            cast(sum(order_count) as integer) as order_count,
            {{ summed_in_bases("revenue_amount") }},
            {{ summed_declared_amounts() }}
        from told
        group by 1, 2
    ),

    bases as ({{ basis_rows() }}),

    based as (
        select
            summed.fiscal_year,
            summed.channel,
            bases.basis,
            {{ of_basis("revenue_amount", "summed") }} as revenue_amount,
            summed.order_count,
            {{ of_basis("declared_amount", "summed") }} as declared_amount
        from summed
        cross join bases
    )

select
    fiscal_year,
    channel,
    basis,
    revenue_amount,
    order_count,
    {% if declared_amount() %} '{{ var("contract_measure") }}' as declared_measure, declared_amount,
    {% else %} cast(null as varchar) as declared_measure, cast(null as decimal(18, 4)) as declared_amount,
    {% endif %}
    {{ metrics_used(["revenue"] + ([var("contract_measure")] if declared_amount() else [])) }} as metric_versions
from based
where order_count > 0 or declared_amount <> 0
