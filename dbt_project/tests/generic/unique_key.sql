{#- The grain: no two rows share these columns (nulls count as equal), and so the key finds one row or none. -#}
{% test unique_key(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as row_count
    from {{ rows_to_test(model) }} as tested
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
