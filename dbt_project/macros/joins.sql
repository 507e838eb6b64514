{#-
  The left side of an equality in a left join that holds for some rows alone: null for the others, which then find nothing. Said as a
  condition beside the equality, DuckDB compares each row of one side with each of the other.
-#}
{% macro key_where(condition, key) -%} case when {{ condition }} then {{ key }} end {%- endmacro %}
