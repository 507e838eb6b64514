-- A snapshot without a row is an extract too: it says that everything has ended. So the ledger is asked, not only the
-- rows. One with rejected lines can't say what is missing: it is not whole, and ends nothing.
-- A connector that derives an entity from several files has no delivery of that name: its rows say when it was
-- extracted, and it is whole if all that its source delivered that day is.
with
    deliveries as (
        select source, entity, mode, extract_date, rejected
        from {{ source("repledger", "delivery") }}
        where
            state in ('loaded', 'repeated')
            {% if var("as_known_on", none) %} and extract_date <= cast('{{ var("as_known_on") }}' as date) {% endif %}
    ),

    source_days as (
        select source, extract_date, sum(rejected) as rejected from deliveries group by source, extract_date
    ),

    shown as (
        {% for entity in versioned_entities() if has_derived_rows() or not execute %}
            select distinct _source as source, '{{ entity }}' as entity, _extract_date as extract_date
            from {{ ref("input_" ~ entity) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% else %}
            select cast(null as varchar) as source, cast(null as varchar) as entity, cast(null as date) as extract_date
            where false
        {% endfor %}
    ),

    extracts as (
        select
            both_kinds.source,
            both_kinds.entity,
            coalesce(max(both_kinds.mode), 'snapshot') as mode,
            both_kinds.extract_date,
            coalesce(sum(both_kinds.rejected), max(source_days.rejected), 0) = 0 as is_whole
        from
            (
                select source, entity, mode, extract_date, rejected
                from deliveries
                union all
                select source, entity, cast(null as varchar), extract_date, cast(null as bigint)
                from shown
            ) as both_kinds
        left join
            source_days on both_kinds.source = source_days.source and both_kinds.extract_date = source_days.extract_date
        group by both_kinds.source, both_kinds.entity, both_kinds.extract_date
    )

select
    source,
    entity,
    mode,
    extract_date,
    is_whole,
    row_number() over (partition by source, entity order by extract_date) as position,
    max(case when is_whole then extract_date end) over (
        partition by source, entity order by extract_date rows between unbounded preceding and 1 preceding
    ) as previous_whole_on,
    min(case when is_whole then extract_date end) over (
        partition by source, entity order by extract_date rows between 1 following and unbounded following
    ) as next_whole_on
from extracts
