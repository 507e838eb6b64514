-- What became of every delivered row of an entity with versions. Versions and conflicts are counted where they stand,
-- so that a row which the history lost is missing from the sum, and one that it made up is too many. Lines are
-- counted as they
-- were delivered: a row of compacted snapshots is one line of each extract that showed it, and all but the first
-- repeat it.
{% for entity in versioned_entities() %}
    {%- set key = contract_key(entity) + ["_source"] -%}
    select
        '{{ entity }}' as entity,
        (
            select coalesce(sum(loaded), 0)
            from {{ source("repledger", "delivery") }}
            where
                entity = '{{ entity }}' and state in ('loaded', 'repeated')
                {% if var("as_known_on", none) %}
                    and extract_date <= cast('{{ var("as_known_on") }}' as date)
                {% endif %}
        ) as loaded_lines,
        -- A connector that derives an entity from several files has no delivery of that name to compare with.
        (
            select count(*)
            from {{ ref("input_" ~ entity) }} as delivered
            inner join
                (
                    select distinct source from {{ source("repledger", "delivery") }} where entity = '{{ entity }}'
                ) as sources
                on delivered._source = sources.source
        )
        + {{ lines_shown_again(entity) }} as rows_of_lines,
        (select count(*) from {{ ref("input_" ~ entity) }}) + {{ lines_shown_again(entity) }} as input_rows,
        (
            select count(*)
            from ({{ standing_lines(entity) }}) as standing
            left join
                (select * from {{ ref("input_" ~ entity) }} where not coalesce(is_deleted, false)) as delivered
                on standing._file = delivered._file
                and standing._line = delivered._line
                and standing.said = {{ said("delivered", entity) }}
        ) as version_rows,
        count(case when fate = 'repeat' then 1 end) + {{ lines_shown_again(entity) }} as repeat_rows,
        (select count(*) from {{ ref("core_conflict") }} where entity = '{{ entity }}')
        + count(case when fate = 'overruled' then 1 end) as conflict_rows,
        count(case when fate = 'deletion' then 1 end) as deletion_rows
    from ({{ fates_without_version(entity) }}) as fates
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
