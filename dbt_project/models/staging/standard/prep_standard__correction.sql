{{ config(materialized="view") }}
-- A snapshot of corrections says all that are in force, one without a line that none is. Of deltas the
-- last word on each counts.
with
    last_extracts as (
        select source, mode, max(extract_date) as extract_date
        from {{ source("repledger", "delivery") }}
        where
            entity = 'correction' and state in ('loaded', 'repeated')
            {% if var("as_known_on", none) %} and extract_date <= cast('{{ var("as_known_on") }}' as date) {% endif %}
        group by source, mode
    ),

    last_words as (
        select
            delivered.*,
            min(delivered._extract_date) over (
                partition by
                    delivered.correction_id,
                    delivered._source,
                    delivered.entity,
                    delivered.entity_key,
                    delivered.column_name,
                    delivered.from_value,
                    delivered.to_value
            ) as known_from_on,
            case
                when last_extracts.mode = 'delta' or delivered._shown_until_on = last_extracts.extract_date
                then 1
                else 0
            end as _is_told,
            row_number() over (
                partition by delivered.correction_id, delivered._source
                -- Of two in one extract the very one that `core_conflict` says is kept.
                order by
                    delivered._shown_until_on desc,
                    delivered.updated_at desc nulls last,
                    {{ content_md5(content_columns("correction")) }} desc,
                    delivered._file desc,
                    delivered._line desc
            ) as _place
        from {{ ref("stg_standard__correction") }} as delivered
        inner join last_extracts on delivered._source = last_extracts.source
    ),

    in_force as (
        select *, first_value(correction_id) over of_cell as applied_id, row_number() over of_cell as _rank
        from last_words
        where
            _place = 1
            and _is_told = 1
            and not coalesce(is_deleted, false)
            and trim(approved_by) <> ''
            and lower(trim(approved_by)) <> lower(trim(written_by))
        window of_cell as (partition by entity, entity_key, column_name, from_value order by correction_id, _source)
    )

-- Two that say the same of one cell are both in force, and one of them is applied, so that no row is doubled. The gate
-- blocks two that contradict each other.
select
    correction_id,
    entity,
    entity_key,
    column_name,
    from_value,
    to_value,
    reason,
    written_by,
    approved_by,
    written_on,
    known_from_on,
    applied_id,
    _rank = 1 as is_applied,
    _file,
    _line
from in_force
