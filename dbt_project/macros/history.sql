{#-
  Both clocks of an entity, derived from every extract that was ever delivered.

  Valid time is when a version was so in the world: since `effective_on`, else since the extract that first showed it.
  Known time is when an extract said so. A snapshot that no longer holds a key ends it; one that no longer holds a single
  version of a key takes that version back. Half-open: [valid_from_on, valid_to_on) and [known_from_on, known_to_on).
  `begun_on` is where a version says that it begins; the first of a key reaches back beyond it.

  A row of compacted snapshots stands for each extract from `_extract_date` up to `_shown_until_on`: none lies between that
  did not show it. Every other row was shown once, and both dates are the same.

  Three ways, from cheap to general, since an event that is delivered once and never again is most of what there is:
  `once`, one row of a key; `undated`, versions that begin when they are first shown, so that one window tells both clocks;
  `dated`, versions with an `effective_on` of their own, which may be corrected in any order.
-#}
{% macro history(entity) -%}
    {%- do follow_corrections() -%}
    {%- if news_of(entity) == "none" -%} select * from {{ this }} where false
    {%- else -%} {{ _history(entity) }}
    {%- endif -%}
{%- endmacro %}

{% macro _history(entity) -%}
    {%- set key = contract_key(entity) -%}
    with
        extracts as (select * from {{ ref("core_extract") }} where entity = '{{ entity }}'),

        losers as (select lost_file, lost_line from {{ ref("core_conflict") }} where entity = '{{ entity }}'),

        -- More was said of these keys than one row that still holds. A number stands for a key, so that counting takes
        -- little memory: another key of that number goes the same way, to the same rows.
        repeated as (
            select {{ key_hash("delivered", key) }} as key_hash
            from {{ delivered_rows(entity) }} as delivered
            inner join
                extracts on delivered._source = extracts.source and delivered._shown_until_on = extracts.extract_date
            group by 1
            having
                count(*) > 1
                or max(
                    case
                        when delivered.is_deleted or (extracts.mode = 'snapshot' and extracts.next_whole_on is not null)
                        then 1
                        else 0
                    end
                )
                = 1
        ),

        present as (
            select
                {{ columns_of("delivered", key) }},
                delivered._source,
                delivered._extract_date,
                delivered._shown_until_on,
                delivered.effective_on,
                coalesce(delivered.effective_on, {{ end_of_time() }}) as _since_on,
                coalesce(delivered.is_deleted, false) as has_ended,
                {{ row_hash(content_columns(entity)) }} as _content_hash
            from {{ delivered_rows(entity) }} as delivered
            inner join repeated on {{ key_hash("delivered", key) }} = repeated.key_hash
            left join losers on delivered._file = losers.lost_file and delivered._line = losers.lost_line
            where losers.lost_file is null
        ),

        dated_keys as (select distinct {{ key | join(", ") }}, _source from present where effective_on is not null),

        -- Where a run of extracts that say the same begins, for each version of each key.
        marked as (
            select
                present.*,
                extracts.mode,
                case
                    when
                        lag(_content_hash) over by_version = _content_hash
                        and (
                            extracts.mode = 'delta'
                            or coalesce(lag(_shown_until_on) over by_version >= extracts.previous_whole_on, true)
                        )
                    then 0
                    else 1
                end as _is_start
            from present
            inner join extracts on present._source = extracts.source and present._extract_date = extracts.extract_date
            window by_version as (partition by {{ key | join(", ") }}, _source, _since_on order by _extract_date)
        ),

        -- A key that a snapshot no longer holds has ended there.
        endings as (
            select {{ columns_of("shown", key) }}, shown._source, extracts.next_whole_on as ended_on
            from
                (
                    select
                        {{ key | join(", ") }},
                        _source,
                        max(max(_shown_until_on)) over (
                            partition by {{ key | join(", ") }}, _source order by _extract_date rows unbounded preceding
                        ) as shown_until_on,
                        lead(_extract_date) over (
                            partition by {{ key | join(", ") }}, _source order by _extract_date
                        ) as next_shown_on
                    from marked
                    where mode = 'snapshot'
                    group by {{ key | join(", ") }}, _source, _extract_date
                ) as shown
            inner join extracts on shown._source = extracts.source and shown.shown_until_on = extracts.extract_date
            where extracts.next_whole_on is not null and coalesce(shown.next_shown_on > extracts.next_whole_on, true)
        ),

        undated as ({{ _undated_versions(key) }}),

        dated as ({{ _dated_versions(key) }}),

        versions as (
            select *
            from undated
            union all
            select *
            from dated
        ),

        held as (
            select
                {{ _content("delivered", entity) }}
                coalesce(delivered.effective_on, delivered._extract_date) as begun_on,
                {{ beginning_of_time() }} as valid_from_on,
                {{ end_of_time() }} as valid_to_on,
                delivered._extract_date as known_from_on,
                {{ end_of_time() }} as known_to_on,
                cast(null as date) as known_open_to_on,
                true as _is_last
            from {{ delivered_rows(entity) }} as delivered
            left join repeated on {{ key_hash("delivered", key) }} = repeated.key_hash
            where repeated.key_hash is null
            union all
            select
                {{ _content("delivered", entity) }}
                coalesce(delivered.effective_on, delivered._extract_date) as begun_on,
                versions.valid_from_on,
                versions.valid_to_on,
                versions.known_from_on,
                versions.known_to_on,
                versions.known_open_to_on,
                versions._is_last
            from {{ delivered_rows(entity) }} as delivered
            inner join
                versions
                on {{ same("delivered", "versions", key + ["_source", "_extract_date"]) }}
                and coalesce(delivered.effective_on, {{ end_of_time() }}) = versions._since_on
            left join losers on delivered._file = losers.lost_file and delivered._line = losers.lost_line
            where losers.lost_file is null
        ),

        -- Of a key that several sources deliver, one says the last: who took over, if one did. A
        -- single source needs no look.
        last_words as (
            select
                {{ key | join(", ") }},
                _source,
                row_number() over (
                    partition by {{ key | join(", ") }}
                    order by {{ answers_since("held", entity) }} desc, valid_to_on desc, _source
                ) as _place
            from held
            where _is_last and (select count(distinct source) from extracts) > 1
        )

    select held.* exclude (_is_last), held._is_last and coalesce(last_words._place, 1) = 1 as is_last_known
    from held
    left join
        last_words
        on {{ key_where("held._is_last", "held._source") }} = last_words._source
        and {{ same("held", "last_words", key) }}
{%- endmacro %}

{#-
  Versions that hold since they are first shown. Each was believed to hold without end until the next was known
  (`known_open_to_on`), and until then only since: one row tells both spans.
-#}
{% macro _undated_versions(key) -%}
    select
        {{ key | join(", ") }},
        _source,
        _since_on,
        _extract_date,
        case when _place = 1 then {{ beginning_of_time() }} else known_from_on end as valid_from_on,
        coalesce(next_on, {{ end_of_time() }}) as valid_to_on,
        known_from_on,
        {{ end_of_time() }} as known_to_on,
        next_on as known_open_to_on,
        known_from_on = last_held_on as _is_last
    from
        (
            select
                *,
                lead(known_from_on) over by_key as next_on,
                row_number() over by_key as _place,
                max(case when not has_ended then known_from_on end) over (
                    partition by {{ key | join(", ") }}, _source
                ) as last_held_on
            from
                (
                    select
                        {{ columns_of("marked", key) }},
                        marked._source,
                        marked._since_on,
                        marked._extract_date,
                        marked._extract_date as known_from_on,
                        marked.has_ended
                    from marked
                    left join dated_keys on {{ same("marked", "dated_keys", key + ["_source"]) }}
                    where marked._is_start = 1 and dated_keys._source is null
                    union all
                    select {{ columns_of("endings", key) }}, endings._source, null, null, endings.ended_on, true
                    from endings
                    left join dated_keys on {{ same("endings", "dated_keys", key + ["_source"]) }}
                    where dated_keys._source is null
                ) as claims
            window by_key as (partition by {{ key | join(", ") }}, _source order by known_from_on)
        ) as followed
    where not has_ended
{%- endmacro %}

{#- Versions that say themselves since when they hold. Each moment at which something was learnt has spans of its own. -#}
{% macro _dated_versions(key) -%}
    {%- set by_key = key | join(", ") ~ ", _source" -%}
    with
        numbered as (
            select
                marked.*,
                sum(_is_start) over (
                    partition by {{ columns_of("marked", key) }}, marked._source, _since_on
                    order by _extract_date
                    rows unbounded preceding
                ) as _run
            from marked
            inner join dated_keys on {{ same("marked", "dated_keys", key + ["_source"]) }}
        ),

        runs as (
            select *, max(_shown_until_on) over (partition by {{ by_key }}, _since_on, _run) as _last_shown_on
            from numbered
        ),

        statements as (
            select
                runs.*,
                lead(runs._extract_date) over (
                    partition by {{ columns_of("runs", key) }}, runs._source, _since_on order by runs._extract_date
                ) as _replaced_on,
                case when runs.mode = 'snapshot' then extracts.next_whole_on end as _missing_on
            from runs
            inner join extracts on runs._source = extracts.source and runs._last_shown_on = extracts.extract_date
            where _is_start = 1
        ),

        claims as (
            select
                {{ columns_of("statements", key) }},
                statements._source,
                coalesce(effective_on, _extract_date) as since_on,
                _extract_date as known_from_on,
                case
                    when effective_on is null
                    then {{ end_of_time() }}
                    when endings.ended_on is not null
                    then coalesce(_replaced_on, {{ end_of_time() }})
                    else least(coalesce(_replaced_on, {{ end_of_time() }}), coalesce(_missing_on, {{ end_of_time() }}))
                end as known_to_on,
                has_ended,
                _since_on,
                _extract_date
            from statements
            left join
                endings
                on {{ same("statements", "endings", key + ["_source"]) }}
                and statements._missing_on = endings.ended_on
            union all
            select
                {{ columns_of("endings", key) }},
                endings._source,
                endings.ended_on,
                endings.ended_on,
                coalesce(min(marked._extract_date), {{ end_of_time() }}),
                true,
                null,
                null
            from endings
            inner join dated_keys on {{ same("endings", "dated_keys", key + ["_source"]) }}
            -- An extract that says later that the key held all the while takes its end back.
            left join
                marked
                on {{ same("endings", "marked", key + ["_source"]) }}
                and endings.ended_on < marked._extract_date
                and marked.effective_on <= endings.ended_on
            group by {{ columns_of("endings", key) }}, endings._source, endings.ended_on
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
                    partition by {{ columns_of("claims", key) }}, claims._source, moments.moment_on, claims.since_on
                    order by claims.known_from_on desc, claims._since_on
                ) as _rank
            from claims
            inner join
                moments
                on {{ same("claims", "moments", key + ["_source"]) }}
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

        rectangles as (
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
        {{ by_key }},
        _since_on,
        _extract_date,
        valid_from_on,
        valid_to_on,
        known_from_on,
        known_to_on,
        cast(null as date),
        known_to_on = {{ end_of_time() }}
        and row_number() over (partition by {{ by_key }} order by known_to_on desc, valid_to_on desc) = 1
    from rectangles
{%- endmacro %}

{#- The delivered columns that a history keeps, each followed by a comma. -#}
{% macro _content(relation, entity) -%}
    {%- for column in contract_columns(entity) if column.name not in ("_extract_date", "_shown_until_on", "_corrections", "is_deleted", "effective_on", "updated_at") %}
        {{ relation }}.{{ column.name }},
    {%- endfor %}
    {% if not execute %} {{ relation }}.*,{% endif %}
{%- endmacro %}

{#- What makes two rows of a key two versions. -#}
{% macro content_columns(entity) %}
    {% set names = [] %}
    {% for column in contract_columns(entity) if not column.name.startswith("_") and column.name not in ("effective_on", "updated_at") %}
        {% do names.append("delivered." ~ column.name) %}
    {% endfor %}
    {% do return(names or ["1"]) %}
{% endmacro %}

{% macro columns_of(relation, names) %}
    {%- for name in names %} {{ relation }}.{{ name }}{{ ", " if not loop.last }}{% endfor -%}
{% endmacro %}

{% macro same(left, right, names) %}
    {%- for name in names %} {{ left }}.{{ name }} = {{ right }}.{{ name }}{{ " and " if not loop.last }}{% endfor -%}
{% endmacro %}

{#- Tells apart versions of one key, no more: two of one hash would be taken for one, once in 10^19. -#}
{% macro row_hash(columns) %} hash({{ columns | join(", ") }}){% endmacro %}

{% macro key_hash(relation, key) %} {{ row_hash((columns_of(relation, key + ["_source"])).split(", ")) }} {% endmacro %}

{#- The spans of valid time that are believed now. -#}
{% macro now_known(entity) -%}
    (select * from {{ held_history(entity) }} as held where known_to_on = {{ end_of_time() }})
{%- endmacro %}

{#- The version of each key that is believed now and holds on: an event as last corrected, without the deleted. -#}
{% macro latest(entity) -%}
    (
        select *
        from {{ ref("core_" ~ entity ~ "_history") }} as held
        where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }} and {{ counts("held", entity) }}
    )
{%- endmacro %}

{#- The last version of each key, also of those that have ended: people and customers stay after they left. -#}
{% macro last_known(entity) -%}(select * from {{ held_history(entity) }} as held where is_last_known) {%- endmacro %}

{#- Every entity of the input layer that has versions: all but activities, which are only ever appended. -#}
{% macro versioned_entities() %}
    {% do return([
        "absence", "account", "allocation_rule", "campaign", "coaching", "code_map", "correction", "cost_pool", "credit_adjustment", "crm_user", "crosswalk",
        "decision", "employee", "expense_line", "feedback", "fiscal_calendar", "fx_rate", "goal", "job", "ledger_balance", "market_potential",
        "marketing_spend", "opportunity", "opportunity_split", "order_line", "pay_item", "payment", "period_close", "price_index", "reward", "territory", "territory_assignment",
    ]) %}
{% endmacro %}

{#- Decides between twins the same way on every engine and in every version of it. -#}
{% macro content_md5(columns) -%}
    md5(concat_ws(chr(31) {%- for column in columns %}, coalesce(cast({{ column }} as varchar), chr(30)) {% endfor %}))
{%- endmacro %}

{#-
  The order in which rows of one activity count: the last extract's, and of one extract what they say decides, never the name
  of a file. What says the same counts the same.
-#}
{% macro last_activity_first(relation) -%}
    {%- set counted = [] -%}
    {%- for name in ("crm_user_id", "activity_type", "occurred_at", "duration_minutes") -%}
        {%- do counted.append(relation ~ "." ~ name) -%}
    {%- endfor -%}
    {{ relation }}._extract_date desc,
    {{ content_md5(counted) }} desc
{%- endmacro %}

{#- Several columns as one value, compared from the first to the last. -#}
{% macro struct_of(fields) -%}
    struct_pack({% for name, value in fields.items() %}{{ name }} := {{ value }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
