{#- The columns of the ECB's file, its day and the currencies that we know. Empty while dbt only parses. -#}
{% macro ecb_columns() %}
    {%- set names = [] -%}
    {% if execute %}
        {%- for column in graph.sources["source.repledger.ecb.fx_rate"].columns.values() -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {% endif %}
    {% do return(names) %}
{% endmacro %}

{#- All that a row of the file says, as one value. -#}
{% macro ecb_said() %}
    {%- set cells = [] -%}
    {%- for name in ecb_columns() -%} {%- do cells.append(adapter.quote(name)) -%} {%- endfor -%}
    {{ content_md5(cells or ["1"]) }}
{%- endmacro %}
