{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_accounts('core_order_line_change') }}",
    )
}}
-- What an account had brought at equal ages and to date. Refunds are negative lines, so they are off.
with
    lines as (
        select lines.account_id, lines.ordered_on, {{ sale_values("lines") }}, acquisition.acquired_on
        from {{ ref("core_order_line") }} as lines
        inner join {{ ref("core_acquisition") }} as acquisition on lines.account_id = acquisition.account_id
        where lines.ordered_on < {{ as_of_on() }} and {{ is_of_changed_account("core_order_line_change", "lines") }}
    )

{% for age in [12, 24, 36, none] %}
    select account_id, cast({{ age or "null" }} as integer) as age_months, {{ summed_sale_values() }}
    from lines
    {% if age %} where ordered_on < {{ add_months("acquired_on", age) }} {% endif %}
    group by account_id
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
