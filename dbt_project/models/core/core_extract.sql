-- A snapshot without a row is an extract too: it says that everything has ended. So the ledger is asked, not only the
-- rows.
-- A connector that derives an entity from several files has no delivery of that name, and its rows say when it was
-- extracted.
with
    deliveries as (
        select source, entity, mode, extract_date
        from {{ source("repledger", "delivery") }}
        where
            state <> 'superseded'
            {% if var("as_known_on", none) %} and extract_date <= cast('{{ var("as_known_on") }}' as date) {% endif %}
    ),

    shown as (
        {% for entity in versioned_entities() %}
            select distinct _source as source, '{{ entity }}' as entity, _extract_date as extract_date
            from {{ ref("input_" ~ entity) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    extracts as (
        select source, entity, max(mode) as mode, extract_date
        from
            (
                select source, entity, mode, extract_date
                from deliveries
                union all
                select source, entity, cast(null as varchar), extract_date
                from shown
            ) as both_kinds
        group by source, entity, extract_date
    )

select
    source,
    entity,
    coalesce(mode, 'snapshot') as mode,
    extract_date,
    lag(extract_date) over (partition by source, entity order by extract_date) as previous_extract_on,
    lead(extract_date) over (partition by source, entity order by extract_date) as next_extract_on
from extracts
