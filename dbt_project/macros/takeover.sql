{#-
  One source takes over from another on a day, as company.toml declares: before it the old one answers, from it the new one.
  Passed in as `takeovers`: the pairs, with the entities that both deliver. Where there are none, no SQL is added.
-#}
{% macro takeovers(entity) %}
    {% set found = [] %}
    {% for pair in var("takeovers", []) if entity in pair.entities %} {% do found.append(pair) %} {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#- The date at which an event of the entity happened; none for what has versions that hold from one day to another. -#}
{% macro happens_on(entity) %}
    {% if execute and graph.nodes is defined %}
        {% do return(graph.nodes["model.repledger.input_" ~ entity].config.meta.get("happens_on")) %}
    {% endif %}
{% endmacro %}

{#- Whether an event is told by the source that answers for its day. -#}
{% macro counts(relation, entity) -%}
    {%- set pairs = takeovers(entity) if happens_on(entity) else [] -%}
    {%- for pair in pairs -%}
        {%- set day = "cast(" ~ relation ~ "." ~ happens_on(entity) ~ " as date)" %}
        not ({{ relation }}._source = '{{ pair.taken }}' and {{ day }} >= cast('{{ pair.takes_over_on }}' as date))
        and not ({{ relation }}._source = '{{ pair.taking }}' and {{ day }} < cast('{{ pair.takes_over_on }}' as date))
        {{- " and " if not loop.last }}
    {%- else -%} true
    {%- endfor -%}
{%- endmacro %}

{#- A history whose spans of valid time end where another source takes over, and begin where the own one did. -#}
{% macro held_history(entity) -%}
    {%- set pairs = [] if happens_on(entity) else takeovers(entity) -%}
    {%- if not pairs -%} {{ ref("core_" ~ entity ~ "_history") }}
    {%- else -%}
        (
            select
                held.* exclude (valid_from_on, valid_to_on),
                greatest(
                    held.valid_from_on
                    {%- for pair in pairs %}
                        ,
                        case
                            when held._source = '{{ pair.taking }}'
                            then cast('{{ pair.takes_over_on }}' as date)
                            else {{ beginning_of_time() }}
                        end
                    {%- endfor %}
                ) as valid_from_on,
                least(
                    held.valid_to_on
                    {%- for pair in pairs %}
                        ,
                        case
                            when held._source = '{{ pair.taken }}'
                            then cast('{{ pair.takes_over_on }}' as date)
                            else {{ end_of_time() }}
                        end
                    {%- endfor %}
                ) as valid_to_on
            from {{ ref("core_" ~ entity ~ "_history") }} as held
        )
    {%- endif -%}
{%- endmacro %}

{#- How late in the line of takeovers a source stands: the day since when it answers. -#}
{% macro answers_since(relation, entity) -%}
    greatest(
        {{ beginning_of_time() }}
        {%- for pair in takeovers(entity) %}
            ,
            case
                when {{ relation }}._source = '{{ pair.taking }}'
                then cast('{{ pair.takes_over_on }}' as date)
                else {{ beginning_of_time() }}
            end
        {%- endfor %}
    )
{%- endmacro %}

{#-
  The spans of several ids of one and the same thing as one line of spans. Body of CTEs that end in `joined`.
  relation: spans with one_id, own_id, valid_from_on, valid_to_on, and begun_on: a first version reaches back without end, and begins
  where it was first told; it yields to what another id truly said of that day. prefers: what decides between two that both did.
-#}
{% macro joined_spans(relation, prefers) -%}
    several as (
        select one_id
        from {{ relation }}
        where valid_from_on < valid_to_on
        group by one_id
        having min(own_id) <> max(own_id)
    ),

    shared as (
        select {{ relation }}.*
        from {{ relation }}
        inner join several on {{ relation }}.one_id = several.one_id
        where {{ relation }}.valid_from_on < {{ relation }}.valid_to_on
    ),

    turns as (
        select one_id, day_on as turn_from_on, lead(day_on) over (partition by one_id order by day_on) as turn_to_on
        from
            (
                select one_id, valid_from_on as day_on
                from shared
                union
                select one_id, begun_on
                from shared
                union
                select one_id, valid_to_on
                from shared
            ) as days
    ),

    ranked as (
        select
            shared.*,
            turns.turn_from_on,
            turns.turn_to_on,
            row_number() over (
                partition by shared.one_id, turns.turn_from_on
                order by
                    case when shared.begun_on <= turns.turn_from_on then 0 else 1 end,
                    case when shared.begun_on > turns.turn_from_on then shared.begun_on end,
                    {{ prefers }},
                    shared.own_id,
                    shared._source,
                    shared.begun_on desc
            ) as place
        from shared
        inner join
            turns
            on shared.one_id = turns.one_id
            and shared.valid_from_on <= turns.turn_from_on
            and turns.turn_from_on < shared.valid_to_on
        where turns.turn_to_on is not null
    ),

    joined as (
        select
            {{ relation }}.* exclude (valid_from_on, valid_to_on),
            {{ relation }}.valid_from_on,
            {{ relation }}.valid_to_on
        from {{ relation }}
        left join several on {{ relation }}.one_id = several.one_id
        where several.one_id is null and {{ relation }}.valid_from_on < {{ relation }}.valid_to_on
        union all
        select
            ranked.* exclude (valid_from_on, valid_to_on, turn_from_on, turn_to_on, place),
            ranked.turn_from_on as valid_from_on,
            ranked.turn_to_on as valid_to_on
        from ranked
        where ranked.place = 1
    )
{%- endmacro %}

{#-
  Where a span of a line of `joined` spans begins. The first of all reaches back without end, also of what only the source that took
  over has ever told: it was paid or named in an order before. Without takeovers it does so by itself.
-#}
{% macro reaching_from_on(entity) -%}
    {%- if takeovers(entity) -%}
        case
            when row_number() over (partition by one_id order by valid_from_on) = 1
            then {{ beginning_of_time() }}
            else valid_from_on
        end
    {%- else -%} valid_from_on
    {%- endif -%}
{%- endmacro %}
