{#- A folder's schema is used as it is: the published interface stands in `main`, whatever the profile says. -#}
{% macro generate_schema_name(custom_schema_name, node) -%} {{ custom_schema_name or target.schema }} {%- endmacro %}
