{#- The columns of the ECB's file as SQL, its day and the currencies that we know. Empty while dbt only parses. -#}
{% macro ecb_columns() %}
    {%- set names = [] -%}
    {% if execute %}
        {%- for column in graph.sources["source.repledger.ecb.fx_rate"].columns.values() -%}
            {%- do names.append('"' ~ column.name ~ '"') -%}
        {%- endfor -%}
    {% endif %}
    {% do return(names or ["1"]) %}
{% endmacro %}
