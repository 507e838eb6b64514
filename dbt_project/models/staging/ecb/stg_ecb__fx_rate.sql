with
    days as (select * from {{ ref("prep_ecb__fx_rate") }}),

    told as (
        {% for currency in ecb_columns() if currency != '"Date"' %}
            select
                cast('{{ currency | replace('"', "") }}' as varchar) as to_currency,
                {{ typed('"Date"', "date") }} as rate_on,
                {{ currency }} as told,
                _source,
                _extract_date,
                _file,
                _line
            from days
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    cast('EUR' as varchar) as from_currency,
    to_currency,
    rate_on,
    {{ typed("nullif(told, 'N/A')", "decimal(24, 12)") }} as rate,
    cast(null as date) as effective_on,
    cast(null as timestamp) as updated_at,
    cast(null as boolean) as is_deleted,
    _source,
    _extract_date,
    _file,
    _line
from told
where told <> ''
