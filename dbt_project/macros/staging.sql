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
{% macro stage_standard(entity, only="true") -%}
    select
        {%- for column in contract_columns(entity) if not column.name.startswith("_") %}
            {{ typed(column.name, column.data_type) }} as {{ column.name }},
        {%- endfor %}
        _source,
        _extract_date,
        {%- if entity in versioned_entities() %} _shown_until_on, {%- endif %}
        _file,
        _line
    from {{ raw_rows("standard", entity) }} as delivered
    {%- if only != "true" %} where {{ only }}{% endif %}
{%- endmacro %}

{#-
  An input model: the rows of every connector that is on and delivers this entity; none: empty and typed. On a night that
  only adds deliveries a table takes in the rows of those.
-#}
{% macro input_rows(entity, connectors) -%}
    {%- set delivering = [] -%}
    {%- for connector in connectors if connector in var("connectors") -%}
        {%- do delivering.append(connector) -%}
    {%- endfor -%}
    {%- set wrong = corrected_columns(entity) -%}
    {%- for connector in delivering %}
        select {{ input_cells(entity, wrong, connector == "standard") }} {%- if not execute %} *{% endif %}
        from
            {{ ref("stg_" ~ connector ~ "__" ~ entity) }} as delivered
            {%- for column in wrong %} {{ join_correction(entity, column) }} {%- endfor %}
        {% if model.config.materialized == "incremental" and var("news") is not none %}
            where {{ is_new_row(entity, "delivered") }}
        {% endif %}
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

{#-
  The cells of a delivered row as the contract has them, corrected where a person says that the source is wrong. What a
  connector makes of several files is not compacted: each extract shows its rows itself.
-#}
{% macro input_cells(entity, wrong, is_row_wise) -%}
    {%- set wrong_names = wrong | map(attribute="name") | list -%}
    {%- for column in contract_columns(entity) %}
        {%- if column.name in wrong_names %} {%- set value = corrected(column) -%}
        {%- elif column.name == "_corrections" %} {%- set value = corrected_by(wrong) -%}
        {%- elif column.name == "_shown_until_on" and not is_row_wise %} {%- set value = "delivered._extract_date" -%}
        {%- else %} {%- set value = "delivered." ~ column.name -%}
        {%- endif %}
        cast({{ value }} as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- True if a connector is on that makes an entity of several files. The standard one turns each line into a row. -#}
{% macro has_derived_rows() %} {% do return(var("connectors") != ["standard"]) %} {% endmacro %}
