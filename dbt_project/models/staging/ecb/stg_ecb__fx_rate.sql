with
    days as (select * from {{ ref("prep_ecb__fx_rate") }}),

    told as (
        {% for currency in ecb_columns() if currency != "Date" %}
            select
                cast('{{ currency }}' as varchar) as to_currency,
                {{ typed(adapter.quote("Date"), "date") }} as rate_on,
                nullif({{ adapter.quote(currency) }}, 'N/A') as rate,
                _source,
                _extract_date,
                _file,
                _line
            from days
            where {{ adapter.quote(currency) }} <> ''
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    cast('EUR' as varchar) as from_currency,
    to_currency,
    rate_on,
    {{ typed("rate", "decimal(24, 12)") }} as rate,
    cast(null as date) as effective_on,
    cast(null as timestamp) as updated_at,
    cast(null as boolean) as is_deleted,
    _source,
    _extract_date,
    _file,
    _line
from told
