-- What became of every delivered row of an entity with versions. Lines are counted as they were delivered: a row of
-- compacted snapshots is one line of each extract that showed it, and all but the first repeat it. On a night that only
-- adds deliveries, what became of the rows of their keys before is taken off, and what became of them now is added; an
-- entity of which nothing came is not counted again.
with
    deliveries as (
        select source, connector, entity, loaded
        from {{ source("repledger", "delivery") }}
        where
            state in ('loaded', 'repeated')
            {% if var("as_known_on", none) %} and extract_date <= cast('{{ var("as_known_on") }}' as date) {% endif %}
    ),

    loads as (select entity, sum(loaded) as loaded_lines from deliveries where connector = 'standard' group by entity),

    -- Only the standard connector turns each line into a row: another's have no number to compare with.
    sources as (select distinct source, entity from {{ source("repledger", "delivery") }} where connector = 'standard'),

    conflicts as (select entity, count(*) as conflict_rows from {{ ref("core_conflict") }} group by entity)

{% for entity in versioned_entities() %}
        {%- set news = news_of(entity) %}
    select
        '{{ entity }}' as entity,
        coalesce((select loaded_lines from loads where entity = '{{ entity }}'), 0) as loaded_lines,
        {% if news == "none" %} built.rows_of_lines, built.input_rows,
        {% else %}
            delivered.rows_of_lines + delivered.lines_shown_again as rows_of_lines,
            delivered.input_rows + delivered.lines_shown_again as input_rows,
        {% endif %}
    {% if news == "all" %}
            now_told.version_rows,
            now_told.repeat_rows + delivered.lines_shown_again as repeat_rows,
            coalesce((select conflict_rows from conflicts where entity = '{{ entity }}'), 0)
            + now_told.overruled_rows as conflict_rows,
            now_told.deletion_rows
        from ({{ row_fates_now(entity) }}) as now_told
        cross join ({{ delivered_counts(entity) }}) as delivered
    {% elif news == "keys" %}
            built.version_rows + now_told.version_rows - told_before.version_rows as version_rows,
            built.repeat_rows + now_told.repeat_rows - told_before.repeat_rows as repeat_rows,
            built.conflict_rows
            + now_told.overruled_rows
            - told_before.overruled_rows
            + (
                select count(*)
                from {{ ref("core_conflict") }} as conflict
                where entity = '{{ entity }}' and {{ is_conflict_of_new_extract("conflict") }}
            )
            - (select count(*) from change.core_conflict where entity = '{{ entity }}') as conflict_rows,
            built.deletion_rows + now_told.deletion_rows - told_before.deletion_rows as deletion_rows
        from {{ this }} as built
        cross join ({{ delivered_counts(entity) }}) as delivered
        cross join ({{ row_fates_of_keys(entity) }}) as now_told
        cross join ({{ row_fates_of_keys_before(entity) }}) as told_before
        where built.entity = '{{ entity }}'
    {% else %}
            built.version_rows,
            built.repeat_rows,
            built.conflict_rows,
            built.deletion_rows
        from {{ this }} as built
        where built.entity = '{{ entity }}'
    {% endif %}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
