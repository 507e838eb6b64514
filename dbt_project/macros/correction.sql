{#-
  Corrections: what a person says that a source has wrong, applied to delivered rows on their way into the input layer.

  A row is corrected where it says exactly what the correction says that it says, whatever rows before or after it say: so it is the
  same in any order, and a night needs to look at no row but its own. A source that was mended says something else; if it falls back,
  it is corrected again.
  Entities without a correction in force are read as if there were none.
-#}
{% macro corrected_columns(entity) -%}
    {%- set names = [] -%}
    {%- if "standard" in var("connectors") and entity != "correction" -%}
        {%- set relation = ref("prep_standard__correction") -%}
        {%- if execute and load_relation(relation) -%}
            {%- set told = run_query("select distinct column_name from " ~ relation ~ " where entity = '" ~ entity ~ "'") -%}
            {%- for name in told.columns[0].values() -%} {%- do names.append(name) -%} {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {%- set known = [] -%}
    {%- for column in contract_columns(entity) if column.name in names and column.name not in contract_key(entity) and not column.name.startswith("_") -%}
        {%- do known.append(column) -%}
    {%- endfor -%}
    {%- do return(known) -%}
{%- endmacro %}

{#- Each delivered row with the correction of one column that fits it, if there is one. -#}
{% macro join_correction(entity, column) -%}
    left join
        (
            select correction_id, entity_key, from_value, to_value
            from {{ ref("prep_standard__correction") }}
            where entity = '{{ entity }}' and column_name = '{{ column.name }}' and is_applied
        ) as mend_{{ column.name }}
        on mend_{{ column.name }}.entity_key = {{ key_text(entity, "delivered") }}
        and delivered.{{ column.name }}
        is not distinct from {{ typed("mend_" ~ column.name ~ ".from_value", column.data_type) }}
{%- endmacro %}

{% macro corrected(column) -%}
    case
        when mend_{{ column.name }}.correction_id is null
        then delivered.{{ column.name }}
        else {{ typed("mend_" ~ column.name ~ ".to_value", column.data_type) }}
    end
{%- endmacro %}

{#- Which corrections a row took, as `[id][id]`; null for none. -#}
{% macro corrected_by(columns) -%}
    {%- if not columns -%} cast(null as varchar)
    {%- else -%}
        nullif(
            concat(
                {%- for column in columns %}
                    coalesce('[' || mend_{{ column.name }}.correction_id || ']', ''){{ ", " if not loop.last }}
                {%- endfor %}
            ),
            ''
        )
    {%- endif -%}
{%- endmacro %}

{#- A row's key as a correction writes it. -#}
{% macro key_text(entity, relation) -%}
    concat_ws('|' {%- for name in contract_key(entity) %}, cast({{ relation }}.{{ name }} as varchar){% endfor %})
{%- endmacro %}
