-- What became of each correction in force. Lines are counted as they were delivered, compacted or not. The
-- corrections themselves stand between staging and the input layer, so this reads them there; what was
-- corrected, from the input layer.
{%- set corrected_entities = [] -%}
{%- if "standard" in var("connectors") and execute and load_relation(ref("prep_standard__correction")) -%}
    {%- set told = run_query("select distinct entity from " ~ ref("prep_standard__correction") ~ " order by entity") -%}
    {%- for entity in told.columns[0].values() if entity in versioned_entities() and entity != "correction" -%}
        {%- do corrected_entities.append(entity) -%}
    {%- endfor -%}
{%- endif %}
with
    lines as (
        {% for entity in versioned_entities() if entity in corrected_entities or not execute %}
            select
                '{{ entity }}' as entity,
                {{ key_text(entity, "delivered") }} as entity_key,
                delivered._corrections as corrected_by,
                delivered._shown_until_on as shown_until_on,
                last_shown.position - first_shown.position + 1 as line_count
            from {{ ref("input_" ~ entity) }} as delivered
            inner join
                {{ ref("core_extract") }} as first_shown
                on first_shown.entity = '{{ entity }}'
                and delivered._source = first_shown.source
                and delivered._extract_date = first_shown.extract_date
            inner join
                {{ ref("core_extract") }} as last_shown
                on last_shown.entity = '{{ entity }}'
                and delivered._source = last_shown.source
                and delivered._shown_until_on = last_shown.extract_date
            {% if not loop.last %}
                union all
            {% endif %}
        {% else %}
            select
                cast(null as varchar) as entity,
                cast(null as varchar) as entity_key,
                cast(null as varchar) as corrected_by,
                cast(null as date) as shown_until_on,
                cast(null as bigint) as line_count
            where false
        {% endfor %}
    ),

    corrections as (
        {% if "standard" in var("connectors") %}
            select
                correction_id,
                entity,
                entity_key,
                column_name,
                reason,
                written_by,
                approved_by,
                written_on,
                known_from_on,
                applied_id
            from {{ ref("prep_standard__correction") }}
        {% else %}
            select
                cast(null as varchar) as correction_id,
                cast(null as varchar) as entity,
                cast(null as varchar) as entity_key,
                cast(null as varchar) as column_name,
                cast(null as varchar) as reason,
                cast(null as varchar) as written_by,
                cast(null as varchar) as approved_by,
                cast(null as date) as written_on,
                cast(null as date) as known_from_on,
                cast(null as varchar) as applied_id
            where false
        {% endif %}
    ),

    effects as (
        select
            corrections.correction_id,
            coalesce(
                sum(
                    case
                        when
                            replace(lines.corrected_by, concat('[', corrections.applied_id, ']'), '')
                            <> lines.corrected_by
                        then lines.line_count
                    end
                ),
                0
            ) as line_count,
            max(lines.shown_until_on) as told_until_on,
            max(
                case
                    when replace(lines.corrected_by, concat('[', corrections.applied_id, ']'), '') <> lines.corrected_by
                    then lines.shown_until_on
                end
            ) as corrected_until_on
        from corrections
        left join lines on corrections.entity = lines.entity and corrections.entity_key = lines.entity_key
        group by corrections.correction_id
    )

select
    corrections.correction_id,
    corrections.entity,
    corrections.entity_key,
    corrections.column_name,
    case
        when effects.told_until_on is null
        then 'waiting'
        when effects.corrected_until_on is null
        then 'unmatched'
        when effects.corrected_until_on < effects.told_until_on
        then 'expired'
        else 'applied'
    end as correction_state,
    cast(effects.line_count as bigint) as corrected_lines,
    corrections.known_from_on,
    corrections.written_on,
    corrections.written_by,
    corrections.approved_by,
    corrections.reason
from corrections
inner join effects on corrections.correction_id = effects.correction_id
