{#- Spans of valid time of one key never overlap, and none is empty: two would count their money twice. Half-open. -#}
{% test one_at_a_time(model, key) %}
    select *
    from
        (
            select
                {{ key | join(", ") }},
                valid_from_on,
                valid_to_on,
                lead(valid_from_on) over (
                    partition by {{ key | join(", ") }} order by valid_from_on, valid_to_on
                ) as next_from_on
            from {{ model }}
        ) as followed
    where valid_from_on >= valid_to_on or next_from_on < valid_to_on
{% endtest %}
