{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_years('core_order_line_change') }}",
    )
}}
with
    lines as (
        select *
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and {{ is_of_changed_year("core_order_line_change") }}
    )

{% for basis in var("bases") %}
    select
        fiscal_year,
        channel,
        '{{ basis }}' as basis,
        {{ sum_amount(based("revenue_amount", basis)) }} as revenue_amount,
        cast(count(distinct order_id) as integer) as order_count,
        {{ metrics_used(["revenue"]) }} as metric_versions
    from lines
    group by fiscal_year, channel
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
