{#-
  Both clocks of an entity, derived from every extract that was ever delivered.

  Valid time is when a version was so in the world: since `effective_on`, else since the extract that first showed it.
  Known time is when an extract said so. A snapshot that no longer holds a key ends it; one that no longer holds a single
  version of a key takes that version back. Half-open: [valid_from_on, valid_to_on) and [known_from_on, known_to_on).
-#}
{% macro _content_columns(entity) %}
    {% set names = [] %}
    {% for column in contract_columns(entity) if not column.name.startswith("_") and column.name not in ("effective_on", "updated_at") %}
        {% do names.append(column.name) %}
    {% endfor %}
    {% do return(names) %}
{% endmacro %}

{#- Every delivered row with its rank among the rows of the same version in the same extract: 1 is the one that counts. -#}
{% macro ranked_versions(entity) -%}
    {%- set key = contract_key(entity) | join(", ") -%}
    select
        *,
        row_number() over (
            partition by {{ key }}, _source, _since_on, _extract_date
            order by updated_at desc nulls last, _content_hash desc, _file desc, _line desc
        ) as _rank
    from
        (
            select
                *,
                coalesce(effective_on, {{ end_of_time() }}) as _since_on,
                md5(
                    concat_ws(
                        chr(31)
                        {%- for name in _content_columns(entity) %}
                            , coalesce(cast({{ name }} as varchar), chr(30))
                        {% endfor %}
                    )
                ) as _content_hash
            from {{ ref("input_" ~ entity) }}
        ) as hashed
{%- endmacro %}

{% macro history(entity) -%}
    {%- set key = contract_key(entity) -%}
    {%- set by_key = key | join(", ") ~ ", _source" -%}
    {%- set ranked = ranked_versions(entity) -%}
    with
        extracts as (select * from {{ ref("core_extract") }} where entity = '{{ entity }}'),

        present as (select * from ({{ ranked }}) as ranked where _rank = 1),

        -- Where a run of extracts that say the same begins, for each version of each key.
        marked as (
            select
                present.*,
                extracts.mode,
                case
                    when
                        lag(_content_hash) over by_version = _content_hash
                        and (
                            extracts.mode = 'delta' or lag(_extract_date) over by_version = extracts.previous_extract_on
                        )
                    then 0
                    else 1
                end as _is_start
            from present
            inner join extracts on present._source = extracts.source and present._extract_date = extracts.extract_date
            window by_version as (partition by {{ by_key }}, _since_on order by _extract_date)
        ),

        numbered as (
            select
                *,
                sum(_is_start) over (
                    partition by {{ by_key }}, _since_on order by _extract_date rows unbounded preceding
                ) as _run
            from marked
        ),

        runs as (
            select *, max(_extract_date) over (partition by {{ by_key }}, _since_on, _run) as _last_shown_on
            from numbered
        ),

        -- A key that a snapshot no longer holds has ended there.
        endings as (
            select {{ by_key }}, next_extract_on as ended_on
            from
                (
                    select
                        shown.*,
                        extracts.mode,
                        extracts.next_extract_on,
                        lead(shown._extract_date) over (
                            partition by {{ by_key }} order by shown._extract_date
                        ) as next_shown_on
                    from (select distinct {{ by_key }}, _extract_date from present) as shown
                    inner join
                        extracts on shown._source = extracts.source and shown._extract_date = extracts.extract_date
                ) as followed
            where mode = 'snapshot' and next_extract_on is not null and coalesce(next_shown_on <> next_extract_on, true)
        ),

        statements as (
            select
                runs.*,
                lead(runs._extract_date) over (
                    partition by {% for column in key %} runs.{{ column }}, {% endfor %} runs._source, _since_on
                    order by runs._extract_date
                ) as _replaced_on,
                case when runs.mode = 'snapshot' then extracts.next_extract_on end as _missing_on
            from runs
            inner join extracts on runs._source = extracts.source and runs._last_shown_on = extracts.extract_date
            where _is_start = 1
        ),

        claims as (
            select
                {% for column in key %} statements.{{ column }}, {% endfor %}
                statements._source,
                case when effective_on is null then _extract_date else effective_on end as since_on,
                _extract_date as known_from_on,
                case
                    when effective_on is null
                    then {{ end_of_time() }}
                    when endings.ended_on is not null
                    then coalesce(_replaced_on, {{ end_of_time() }})
                    else least(coalesce(_replaced_on, {{ end_of_time() }}), coalesce(_missing_on, {{ end_of_time() }}))
                end as known_to_on,
                coalesce(is_deleted, false) as has_ended,
                _since_on,
                _extract_date
            from statements
            left join
                endings on {% for column in key %} statements.{{ column }} = endings.{{ column }} and {% endfor %}
                statements._source = endings._source and statements._missing_on = endings.ended_on
            union all
            select {{ by_key }}, ended_on, ended_on, {{ end_of_time() }}, true, null, null
            from endings
        ),

        -- Each moment at which something new was learnt of a key, and until when that was all that was known.
        moments as (
            select
                {{ by_key }},
                moment_on,
                coalesce(
                    lead(moment_on) over (partition by {{ by_key }} order by moment_on), {{ end_of_time() }}
                ) as next_moment_on
            from
                (
                    select {{ by_key }}, known_from_on as moment_on
                    from claims
                    union
                    select {{ by_key }}, known_to_on
                    from claims
                    where known_to_on < {{ end_of_time() }}
                ) as learnt
        ),

        believed as (
            select
                claims.*,
                moments.moment_on,
                moments.next_moment_on,
                row_number() over (
                    partition by
                        {% for column in key %} claims.{{ column }}, {% endfor %} claims._source,
                        moments.moment_on,
                        claims.since_on
                    order by claims.known_from_on desc, claims._since_on
                ) as _rank
            from claims
            inner join
                moments on {% for column in key %} claims.{{ column }} = moments.{{ column }} and {% endfor %}
                claims._source = moments._source
                and claims.known_from_on <= moments.moment_on
                and moments.moment_on < claims.known_to_on
        ),

        -- The earliest version that is known reaches back without end, so that early sales have an owner.
        spans as (
            select
                *,
                case
                    when row_number() over by_moment = 1 then {{ beginning_of_time() }} else since_on
                end as valid_from_on,
                coalesce(lead(since_on) over by_moment, {{ end_of_time() }}) as valid_to_on
            from believed
            where _rank = 1
            window by_moment as (partition by {{ by_key }}, moment_on order by since_on)
        ),

        -- What a new moment did not change is one row, not two.
        steady as (
            select
                *,
                sum(_is_change) over (
                    partition by {{ by_key }}, since_on, known_from_on, valid_from_on, valid_to_on
                    order by moment_on
                    rows unbounded preceding
                ) as _stretch
            from
                (
                    select
                        *,
                        case
                            when
                                lag(next_moment_on) over (
                                    partition by {{ by_key }}, since_on, known_from_on, valid_from_on, valid_to_on
                                    order by moment_on
                                )
                                = moment_on
                            then 0
                            else 1
                        end as _is_change
                    from spans
                    where not has_ended
                ) as compared
        ),

        versions as (
            select
                {{ by_key }},
                _since_on,
                _extract_date,
                valid_from_on,
                valid_to_on,
                min(moment_on) as known_from_on,
                max(next_moment_on) as known_to_on
            from steady
            group by
                {{ by_key }}, _since_on, _extract_date, since_on, known_from_on, valid_from_on, valid_to_on, _stretch
        )

    select
        {%- for column in contract_columns(entity) if column.name not in ("_extract_date", "is_deleted", "effective_on", "updated_at") %}
            present.{{ column.name }},
        {%- endfor %}
        {% if not execute %} present.*,{% endif %}
        versions.valid_from_on,
        versions.valid_to_on,
        versions.known_from_on,
        versions.known_to_on,
        versions.known_to_on = {{ end_of_time() }}
        and row_number() over (
            partition by {% for column in key %} versions.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by versions.known_to_on desc, versions.valid_to_on desc, versions._source
        )
        = 1 as is_last_known
    from versions
    inner join
        present on {% for column in key %} versions.{{ column }} = present.{{ column }} and {% endfor %}
        versions._source = present._source
        and versions._since_on = present._since_on
        and versions._extract_date = present._extract_date
{%- endmacro %}

{#- The spans of valid time that are believed now. -#}
{% macro now_known(entity) -%}
    (select * from {{ ref("core_" ~ entity ~ "_history") }} where known_to_on = {{ end_of_time() }})
{%- endmacro %}

{#- The version of each key that is believed now and holds on: an event as last corrected, without the deleted. -#}
{% macro latest(entity) -%}
    (
        select *
        from {{ ref("core_" ~ entity ~ "_history") }}
        where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }}
    )
{%- endmacro %}

{#- The last version of each key, also of those that have ended: people and customers stay after they left. -#}
{% macro last_known(entity) -%}
    (select * from {{ ref("core_" ~ entity ~ "_history") }} where is_last_known)
{%- endmacro %}

{#- Every entity of the input layer that has versions: all but activities, which are only ever appended. -#}
{% macro versioned_entities() %}
    {% do return([
        "account", "campaign", "coaching", "code_map", "crm_user", "decision", "employee", "expense_line", "feedback",
        "fiscal_calendar", "fx_rate", "goal", "job", "ledger_balance", "market_potential", "marketing_spend", "opportunity",
        "opportunity_split", "order_line", "pay_item", "payment", "price_index", "reward", "territory", "territory_assignment",
    ]) %}
{% endmacro %}
