{#- Spans of one key never overlap on both clocks at once, and none is empty. Half-open. -#}
{% test no_overlap(model, key) %}
    with
        ordered as (
            select
                *,
                row_number() over (
                    partition by {{ key | join(", ") }} order by known_from_on, valid_from_on
                ) as _position
            from {{ model }}
        )

    select left_span._position, {% for column in key %} left_span.{{ column }}{{ ", " if not loop.last }}{% endfor %}
    from ordered as left_span
    left join
        ordered as right_span
        on {% for column in key %} left_span.{{ column }} = right_span.{{ column }} and {% endfor %}
        left_span._position < right_span._position
        and left_span.valid_from_on < right_span.valid_to_on
        and right_span.valid_from_on < left_span.valid_to_on
        and left_span.known_from_on < right_span.known_to_on
        and right_span.known_from_on < left_span.known_to_on
    where
        right_span._position is not null
        or left_span.valid_from_on >= left_span.valid_to_on
        or left_span.known_from_on >= left_span.known_to_on
{% endtest %}
