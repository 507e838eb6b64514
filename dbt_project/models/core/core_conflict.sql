{{ config(materialized="incremental", on_schema_change="fail", pre_hook="{{ keep_new_conflicts() }}") }}
-- The same key twice in one extract: the later update wins. The loser is listed here, so that nobody has to wonder.
-- On a night that only adds deliveries, only their extracts are looked at.
{%- set looked_at = [] %}
{%- for entity in versioned_entities() if not is_whole_night() and execute and entity in var("news") %}
    {%- do looked_at.append(entity) %}
{%- endfor %}
{%- set looked_at = looked_at if execute and not is_whole_night() else versioned_entities() %}
{% if not looked_at %} select * from {{ this }} where false {% endif %}
{% for entity in looked_at %}
        {%- set version = contract_key(entity) + ["_source", "_extract_date"] -%}
    select
        '{{ entity }}' as entity,
        _source as source,
        _extract_date as extract_date,
        _file as lost_file,
        _line as lost_line,
        kept_file,
        kept_line,
        _content_hash = kept_hash as is_identical
    from
        (
            select
                ranked.*,
                row_number() over best_first as _place,
                first_value(_file) over best_first as kept_file,
                first_value(_line) over best_first as kept_line,
                first_value(_content_hash) over best_first as kept_hash
            from
                (
                    select
                        {{ columns_of("delivered", version) }},
                        twins._since_on,
                        delivered.updated_at,
                        delivered._file,
                        delivered._line,
                        {{ content_md5(content_columns(entity)) }} as _content_hash
                    from {{ ref("input_" ~ entity) }} as delivered
                    inner join
                        (
                            select {{ version | join(", ") }}, coalesce(effective_on, {{ end_of_time() }}) as _since_on
                            from {{ ref("input_" ~ entity) }} as delivered
                            where {{ is_of_new_extract(entity, "delivered") }}
                            group by {{ version | join(", ") }}, coalesce(effective_on, {{ end_of_time() }})
                            having count(*) > 1
                        ) as twins
                        on {{ same("delivered", "twins", version) }}
                        and coalesce(delivered.effective_on, {{ end_of_time() }}) = twins._since_on
                    where {{ is_of_new_extract(entity, "delivered") }}
                ) as ranked
            window
                best_first as (
                    partition by {{ version | join(", ") }}, _since_on
                    order by updated_at desc nulls last, _content_hash desc, _file desc, _line desc
                )
        ) as placed
    where _place > 1
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
