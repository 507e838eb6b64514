{#-
  Spans of one key never overlap on both clocks at once, and none is empty. Half-open.
  What is known now needs one look at the next span of each key; only keys with spans that are no longer believed need all pairs.
-#}
{% test no_overlap(model, key) %}
    {%- set tested = rows_to_test(model) -%}
    with
        followed as (
            select
                *,
                lead(valid_from_on) over by_key as next_valid_from_on,
                lead(known_from_on) over by_key as next_known_from_on
            from {{ tested }} as followed_spans
            where known_to_on = {{ end_of_time() }}
            window by_key as (partition by {{ key | join(", ") }} order by valid_from_on, known_from_on)
        ),

        withdrawn as (
            select distinct {{ key | join(", ") }}
            from {{ tested }} as all_spans
            where known_to_on < {{ end_of_time() }}
        ),

        numbered as (
            select
                spans.*,
                row_number() over (
                    partition by {{ columns_of("spans", key) }} order by spans.known_from_on, spans.valid_from_on
                ) as _position
            from {{ tested }} as spans
            inner join withdrawn on {{ same("spans", "withdrawn", key) }}
        )

    select {{ key | join(", ") }}
    from followed
    where
        valid_from_on >= valid_to_on
        or known_open_to_on <= known_from_on
        or next_valid_from_on < valid_to_on
        or next_known_from_on < known_open_to_on
    union all
    select {{ columns_of("earlier", key) }}
    from numbered as earlier
    inner join
        numbered as later
        on {{ same("earlier", "later", key) }}
        and earlier._position < later._position
        and earlier.valid_from_on < later.valid_to_on
        and later.valid_from_on < earlier.valid_to_on
        and earlier.known_from_on < later.known_to_on
        and later.known_from_on < earlier.known_to_on
    union all
    select {{ key | join(", ") }}
    from numbered
    where known_from_on >= known_to_on or valid_from_on >= valid_to_on
{% endtest %}
