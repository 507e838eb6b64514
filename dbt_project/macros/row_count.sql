{#-
  The delivered rows that neither stand in the history nor are listed as the losers of a conflict, and what became of them.

  deletion: says that its key was deleted. repeat: says what a version says that was believed on its extract date; a version
  with an `effective_on` is claimed again and again while others correct it, so it counts from when it was first known.
  overruled: has no `effective_on`, and its key was delivered with one that begins on the very extract date.
-#}
{% macro fates_without_version(entity) -%}
    {%- set key = contract_key(entity) + ["_source"] -%}
    {%- set row = columns_of("unplaced", key + ["_extract_date", "effective_on", "_file", "_line"]) -%}
    select
        {{ row }},
        max(
            case
                when unplaced.is_deleted
                then 'deletion'
                when held._file is not null
                then 'repeat'
                when unplaced.effective_on is null and dated._source is not null
                then 'overruled'
            end
        ) as fate
    from ({{ rows_without_version(entity) }}) as unplaced
    left join
        {{ ref("core_" ~ entity ~ "_history") }} as held
        on {{ same("unplaced", "held", key) }}
        and {{ said("unplaced", entity) }} = {{ said("held", entity) }}
        and unplaced._extract_date >= held.known_from_on
        and unplaced._extract_date < coalesce(held.known_open_to_on, {{ end_of_time() }})
    left join
        (
            select {{ key | join(", ") }}, min(_extract_date) as dated_on
            from {{ ref("input_" ~ entity) }}
            where effective_on = _extract_date
            group by {{ key | join(", ") }}
        ) as dated
        on {{ same("unplaced", "dated", key) }}
        and unplaced._extract_date >= dated.dated_on
    group by {{ row }}
{%- endmacro %}

{% macro rows_without_version(entity) -%}
    select delivered.*
    from {{ ref("input_" ~ entity) }} as delivered
    left join
        ({{ standing_lines(entity) }}) as standing
        on delivered._file = standing._file
        and delivered._line = standing._line
        and {{ said("delivered", entity) }} = standing.said
    left join
        (select lost_file, lost_line from {{ ref("core_conflict") }} where entity = '{{ entity }}') as losers
        on delivered._file = losers.lost_file
        and delivered._line = losers.lost_line
    where losers.lost_file is null and (delivered.is_deleted or standing._file is null)
{%- endmacro %}

{#- What stands in the history. A connector can make several rows of one line, so the line alone does not name a row. -#}
{% macro standing_lines(entity) -%}
    select distinct held._file, held._line, {{ said("held", entity) }} as said
    from {{ ref("core_" ~ entity ~ "_history") }} as held
{%- endmacro %}

{#- What a row says: all that a history keeps of it, but its clocks. -#}
{% macro said(relation, entity) -%}
    {%- set names = [] -%}
    {%- for column in contract_columns(entity) if not column.name.startswith("_") and column.name not in ("effective_on", "updated_at", "is_deleted") -%}
        {%- do names.append(relation ~ "." ~ column.name) -%}
    {%- endfor -%}
    {{ row_hash(names or ["1"]) }}
{%- endmacro %}

{#- Lines of compacted snapshots beyond the first that each row was read from. Extracts between two of a row all showed it. -#}
{% macro lines_shown_again(entity) -%}
    (
        select coalesce(sum(last_shown.position - first_shown.position), 0)
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
        where delivered._shown_until_on > delivered._extract_date
    )
{%- endmacro %}
