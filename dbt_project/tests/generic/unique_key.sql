{#-
  The grain: no two rows share these columns (nulls count as equal), and so the key finds one row or none. Of a long key a number is counted
  first, in a third of the time; the rows of two that are the same by chance are then told apart.
-#}
{% test unique_key(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as row_count
    from {{ rows_to_test(model) }} as tested
    {% if columns | length > 4 %}
        where
            {{ row_hash(columns) }}
            in (select {{ row_hash(columns) }} from {{ rows_to_test(model) }} as hashed group by 1 having count(*) > 1)
    {% endif %}
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
