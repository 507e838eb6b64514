{#- The delivered rows of one raw table, as far as they were known on the date that is asked for. -#}
{% macro raw_rows(connector, entity) -%}
    (
        select *
        from {{ source(connector, entity) }}
        {%- if var("as_known_on", none) %} where _extract_date <= cast('{{ var("as_known_on") }}' as date) {%- endif %}
    )
{%- endmacro %}

{#- The contract of an input entity: its columns, in order. Empty while dbt only parses. -#}
{% macro contract_columns(entity) %}
    {% if execute %} {% do return(graph.nodes["model.repledger.input_" ~ entity].columns.values() | list) %} {% endif %}
    {% do return([]) %}
{% endmacro %}

{% macro contract_key(entity) %}
    {% if execute %} {% do return(graph.nodes["model.repledger.input_" ~ entity].config.meta["key"]) %} {% endif %}
    {% do return(["_source"]) %}
{% endmacro %}

{#-
  Delivered text as the contract's type; an empty cell is null. What can't be cast was refused when it was delivered,
  and the gate looks again: a cell never becomes null unseen.
-#}
{% macro typed(name, data_type) -%}
    {%- if data_type == "varchar" -%} nullif({{ name }}, '')
    {%- elif data_type == "timestamp" -%} {{ utc_timestamp("nullif(" ~ name ~ ", '')") }}
    {%- else -%} try_cast(nullif({{ name }}, '') as {{ data_type }})
    {%- endif -%}
{%- endmacro %}

{#- A staging model of the standard connector: the template's columns are the contract's, so only types are left to do. -#}
{% macro stage_standard(entity) -%}
    select
        {%- for column in contract_columns(entity) if not column.name.startswith("_") %}
            {{ typed(column.name, column.data_type) }} as {{ column.name }},
        {%- endfor %}
        _source,
        _extract_date,
        {%- if entity in versioned_entities() %} _shown_until_on, {%- endif %}
        _file,
        _line
    from {{ raw_rows("standard", entity) }}
{%- endmacro %}

{#- An input model: the rows of every connector that is on and delivers this entity; none: empty and typed. -#}
{% macro input_rows(entity, connectors) -%}
    {%- set delivering = [] -%}
    {%- for connector in connectors if connector in var("connectors") -%}
        {%- do delivering.append(connector) -%}
    {%- endfor -%}
    {%- set wrong = corrected_columns(entity) -%}
    {%- set wrong_names = wrong | map(attribute="name") | list -%}
    {%- for connector in delivering %}
        select
            {%- for column in contract_columns(entity) %}
                {%- if column.name in wrong_names %} {%- set value = corrected(column) -%}
                {%- elif column.name == "_corrections" %} {%- set value = corrected_by(wrong) -%}
                {#- What a connector makes of several files is not compacted: each extract shows its rows itself. #}
                {%- elif column.name == "_shown_until_on" and connector != "standard" %}
                    {%- set value = "delivered._extract_date" -%}
                {%- else %} {%- set value = "delivered." ~ column.name -%}
                {%- endif %}
                cast({{ value }} as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
            {%- endfor %}
            {%- if not execute %} *{% endif %}
        from
            {{ ref("stg_" ~ connector ~ "__" ~ entity) }} as delivered
            {%- for column in wrong %} {{ join_correction(entity, column) }} {%- endfor %}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- else %}
        select
            {%- for column in contract_columns(entity) %}
                cast(null as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
            {%- endfor %}
            {%- if not execute %} 1 as nothing
            {% endif %}
        where false
    {%- endfor %}
{%- endmacro %}
