{#-
  How models become tables and views on DuckDB: one statement each. dbt's own way builds beside, renames twice and drops, so
  that readers see no gap; here nobody reads while it builds, since what is published is a copy. That way takes a third of
  a small night, and a told-on table is written twice.
-#}
{% materialization table, adapter="duckdb" %}
    {%- set target = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%} {{ _make_table(target) }} {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{#- What its hooks left of the table stays, and what the model says is added. Its columns are those it was made with: other code or settings make everything anew. -#}
{% materialization incremental, adapter="duckdb" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set is_told_on = load_cached_relation(this) is not none and not should_full_refresh() -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        {% if is_told_on %} insert into {{ target }} {{ compiled_code }}
        {% else %} {{ _make_table(target) }}
        {% endif %}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {%- set target = this.incorporate(type="view") -%}
    {% call statement("main") -%} create or replace view {{ target }} as ({{ compiled_code }}) {%- endcall %}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{#- Columns of a contract are compared with the query's first. A table may read what it said last night. -#}
{% macro _make_table(target) -%}
    {%- if config.get("contract").enforced -%}
        drop table if exists {{ target }};
        {{ create_table_as(false, target, compiled_code) }}
    {%- else -%} create or replace table {{ target }} as ({{ compiled_code }})
    {%- endif -%}
{%- endmacro %}
