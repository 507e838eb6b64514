{#-
  What became of delivered rows, as one row: those that stand in the history (version_rows), and of the rest

  deletion_rows: say that their key was deleted. repeat_rows: say what a version says that was believed on their extract date;
  a version with an `effective_on` is claimed again and again while others correct it, so it counts from when it was first
  known. overruled_rows: have no `effective_on`, and their key was delivered with one that begins on the very extract date.
  The losers of a conflict are listed elsewhere, and are in none of these.

  Versions are counted where they stand, so that a row which the history lost is missing from the sum, and one that it made
  up is too many.
-#}
{% macro row_fates(entity, rows, history, losers) -%}
    {%- set key = contract_key(entity) + ["_source"] -%}
    {%- set row = columns_of("unplaced", key + ["_extract_date", "effective_on", "_file", "_line"]) -%}
    with
        whole_files as ({{ _whole_files(entity, rows, history, losers) }}),

        standing as (
            select distinct held._file, held._line, {{ said("held", entity) }} as said
            from {{ history }} as held
            left join whole_files on held._file = whole_files._file
            where whole_files._file is null
        ),

        other_rows as (
            select rows_of.*
            from {{ rows }} as rows_of
            left join whole_files on rows_of._file = whole_files._file
            where whole_files._file is null
        )

    select
        (select coalesce(sum(row_count), 0) from whole_files) + (
            select count(*)
            from standing
            left join
                (select * from other_rows where not coalesce(is_deleted, false)) as delivered
                on standing._file = delivered._file
                and standing._line = delivered._line
                and standing.said = {{ said("delivered", entity) }}
        ) as version_rows,
        count(case when fate = 'repeat' then 1 end) as repeat_rows,
        count(case when fate = 'overruled' then 1 end) as overruled_rows,
        count(case when fate = 'deletion' then 1 end) as deletion_rows
    from
        (
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
            from
                (
                    select delivered.*
                    from other_rows as delivered
                    left join
                        standing
                        on delivered._file = standing._file
                        and delivered._line = standing._line
                        and {{ said("delivered", entity) }} = standing.said
                    left join
                        {{ losers }} as losers
                        on delivered._file = losers.lost_file
                        and delivered._line = losers.lost_line
                    where losers.lost_file is null and (delivered.is_deleted or standing._file is null)
                ) as unplaced
            left join
                {{ history }} as held
                on {{ same("unplaced", "held", key) }}
                and {{ said("unplaced", entity) }} = {{ said("held", entity) }}
                and unplaced._extract_date >= held.known_from_on
                and unplaced._extract_date < coalesce(held.known_open_to_on, {{ end_of_time() }})
            left join
                (
                    select {{ key | join(", ") }}, min(_extract_date) as dated_on
                    from {{ rows }} as rows_of
                    where effective_on = _extract_date
                    group by {{ key | join(", ") }}
                ) as dated
                on {{ same("unplaced", "dated", key) }}
                and unplaced._extract_date >= dated.dated_on
            group by {{ row }}
        ) as fates
{%- endmacro %}

{#-
  Files of which each line stands as it was delivered, and once: their number of lines and the sum of what the lines say are
  the same on both sides. Most are; only the rows of the others are looked for one by one.
-#}
{% macro _whole_files(entity, rows, history, losers) -%}
    select delivered._file, delivered.row_count
    from
        (
            select
                rows_of._file,
                count(*) as row_count,
                sum({{ said("rows_of", entity, ["_line"]) }}) as said,
                max(case when rows_of.is_deleted then 1 else 0 end) as has_deletions
            from {{ rows }} as rows_of
            group by rows_of._file
        ) as delivered
    inner join
        (
            select held._file, count(*) as row_count, sum({{ said("held", entity, ["_line"]) }}) as said
            from {{ history }} as held
            group by held._file
        ) as standing
        on delivered._file = standing._file
        and delivered.row_count = standing.row_count
        and delivered.said = standing.said
    left join (select distinct lost_file from {{ losers }} as losers) as losers on delivered._file = losers.lost_file
    where delivered.has_deletions = 0 and losers.lost_file is null
{%- endmacro %}

{#- The same of all that is known of an entity now; of the keys that are new tonight; of those as they were built last. -#}
{% macro row_fates_now(entity) -%}
    {{ row_fates(entity, ref("input_" ~ entity), ref("core_" ~ entity ~ "_history"), _losers(entity)) }}
{%- endmacro %}

{% macro row_fates_of_keys(entity) -%}
    {%- set history -%}
        (select * from {{ ref("core_" ~ entity ~ "_history") }} as held where {{ is_changed(entity, "held") }})
    {%- endset -%}
    {{ row_fates(entity, "change." ~ entity ~ "_rows", history, _losers(entity)) }}
{%- endmacro %}

{% macro row_fates_of_keys_before(entity) -%}
    {%- set rows -%}
        (select * from change.{{ entity }}_rows as told where not ({{ is_new_row(entity, "told") }}))
    {%- endset -%}
    {%- set losers -%}
        (
            select lost_file, lost_line
            from {{ ref("core_conflict") }} as conflict
            where entity = '{{ entity }}' and not {{ is_conflict_of_new_extract("conflict") }}
            union all
            select lost_file, lost_line
            from change.core_conflict
            where entity = '{{ entity }}'
        )
    {%- endset -%}
    {{ row_fates(entity, rows, "change." ~ entity ~ "_before", losers) }}
{%- endmacro %}

{% macro _losers(entity) -%}
    (select lost_file, lost_line from {{ ref("core_conflict") }} where entity = '{{ entity }}')
{%- endmacro %}

{#- What a row says: all that a history keeps of it, but its clocks. beside: further columns. -#}
{% macro said(relation, entity, beside=[]) -%}
    {%- set names = [] -%}
    {%- for name in beside %} {%- do names.append(relation ~ "." ~ name) -%} {%- endfor -%}
    {%- for column in contract_columns(entity) if not column.name.startswith("_") and column.name not in ("effective_on", "updated_at", "is_deleted") -%}
        {%- do names.append(relation ~ "." ~ column.name) -%}
    {%- endfor -%}
    {{ row_hash(names or ["1"]) }}
{%- endmacro %}

{#-
  How many rows of an entity were delivered, how many of them by sources of which each line is a row, and how many lines of compacted snapshots
  they were read from beyond the first: extracts between two of a row all showed it. Of a relation `sources`. Body of a subquery of one row.
-#}
{% macro delivered_counts(entity) -%}
    select
        count(*) as input_rows,
        count(sources.source) as rows_of_lines,
        coalesce(sum(last_shown.position - first_shown.position), 0) as lines_shown_again
    from {{ ref("input_" ~ entity) }} as delivered
    left join sources on delivered._source = sources.source and sources.entity = '{{ entity }}'
    left join
        {{ ref("core_extract") }} as first_shown
        on first_shown.entity = '{{ entity }}'
        and delivered._source = first_shown.source
        and delivered._extract_date = first_shown.extract_date
    left join
        {{ ref("core_extract") }} as last_shown
        on last_shown.entity = '{{ entity }}'
        and delivered._source = last_shown.source
        and delivered._shown_until_on = last_shown.extract_date
{%- endmacro %}
