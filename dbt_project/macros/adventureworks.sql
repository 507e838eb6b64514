{#- The rows of one AdventureWorks file, typed as `_sources.yml` declares: types have no second home in the models. -#}
{% macro adventureworks_rows(entity) -%}
    select
        {%- for column in adventureworks_columns(entity) %}
            {{ typed(adapter.quote(column.name), column.data_type) }} as {{ adapter.quote(column.name) }},
        {%- endfor %}
        _source,
        _extract_date,
        _file,
        _line
    from {{ raw_rows("adventureworks", entity) }}
{%- endmacro %}

{#- The declared columns of one file, in order. Empty while dbt only parses. -#}
{% macro adventureworks_columns(entity) %}
    {% if execute %}
        {% do return(graph.sources["source.repledger.adventureworks." ~ entity].columns.values() | list) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}

{#- Files of one extract belong together: a snapshot is joined with the snapshots of its own day, never with another day's. -#}
{% macro same_extract(left, right) -%}
    {{ left }}._source = {{ right }}._source and {{ left }}._extract_date = {{ right }}._extract_date
{%- endmacro %}

{#-
  Nulls of the contract's types, for the columns of an input entity that a connector's source does not have.
  dbt's unit tests run without the graph, and look at none of these columns.
-#}
{% macro absent_columns(entity, names) -%}
    {%- set types = {} -%}
    {%- if execute and graph.nodes is defined -%}
        {%- for column in contract_columns(entity) -%}
            {%- do types.update({column.name: column.data_type}) -%}
        {%- endfor -%}
        {%- for name in names if name not in types -%}
            {{ exceptions.raise_compiler_error("input_" ~ entity ~ " has no column " ~ name) }}
        {%- endfor -%}
    {%- endif -%}
    {%- for name in names -%}
        cast(null as {{ types.get(name, "varchar") }}) as {{ name }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The login without its domain: people's names are not delivered. -#}
{% macro adventureworks_user_name(login) %} regexp_replace({{ login }}, '^.*\\', ''){% endmacro %}

{#- Sales people are managers or reps; the title is all that tells. -#}
{% macro adventureworks_rep_role(title) %}
    case when {{ title }} like '%Manager%' then 'manager' else 'rep' end
{% endmacro %}
