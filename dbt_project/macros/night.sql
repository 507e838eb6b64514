{#-
  What a night has to make anew. A night that only adds deliveries to a warehouse that passed its gate leaves the rest as it
  was built; any other makes everything. The nightly says which, in `news`: null on a whole night, else for each entity with
  new deliveries whether all of them are deltas, and their extract dates.

  What changed tonight stands in the schema `change`: for an entity with new deltas its keys (`_key`), all their delivered
  rows (`_rows`) and their history as it was built (`_before`); the same of small tables that large ones look things up in.
-#}
{#- While dbt only parses it is none, so that what either kind of night reads is known. -#}
{% macro is_whole_night() %} {% do return(execute and var("news") is none) %} {% endmacro %}

{#- none: nothing new. keys: only deltas, so only their keys can differ. all: a snapshot can end any key, or it is a whole night. -#}
{% macro news_of(entity) %}
    {% if var("news") is none %} {% do return("all") %} {% endif %}
    {% if entity not in var("news") %} {% do return("none") %} {% endif %}
    {% do return("keys" if var("news")[entity]["is_delta"] else "all") %}
{% endmacro %}

{#- Entities whose changes large tables follow: a change of any of their keys is found, of whatever mode they are. -#}
{% macro followed_entities() %}
    {% do return(["account", "opportunity", "opportunity_split", "order_line"]) %}
{% endmacro %}

{#- True for a row of a file that is new tonight. The dates are written out, so that only files of those days are opened. -#}
{% macro is_new_row(entity, relation) -%}
    {%- if entity not in (var("news") or {}) -%} false
    {%- else -%}
        {{ relation }}._extract_date in ({{ _new_extract_dates(entity) }})
        and {{ relation }}._file in (select file from raw.delivery where is_new and entity = '{{ entity }}')
    {%- endif -%}
{%- endmacro %}

{#- The rows that a history is made from: all, or on a night of deltas those of the keys that they name. -#}
{% macro delivered_rows(entity) -%}
    {%- if news_of(entity) == "keys" -%} change.{{ entity }}_rows
    {%- else -%} {{ ref("input_" ~ entity) }}
    {%- endif -%}
{%- endmacro %}

{#- The keys of a followed entity whose history may be another than last night; none if nothing was delivered. -#}
{% macro changed_keys(entity) -%}
    {%- if news_of(entity) == "none" -%}
        (select {{ contract_key(entity) | join(", ") }} from {{ ref("core_" ~ entity ~ "_history") }} where false)
    {%- else -%} change.{{ entity }}_key
    {%- endif -%}
{%- endmacro %}

{#- Their history as it was built last. -#}
{% macro history_before(entity) -%}
    {%- if news_of(entity) == "none" -%}(select * from {{ ref("core_" ~ entity ~ "_history") }} where false)
    {%- else -%} change.{{ entity }}_before
    {%- endif -%}
{%- endmacro %}

{#- Before a history is told on: put aside what it said of the keys that are new tonight, and forget that. -#}
{% macro before_history() -%}
    {%- set entity = this.name | replace("core_", "", 1) | replace("_history", "") -%}
    {%- set news = news_of(entity) if execute and not is_whole_night() else "none" -%}
    {%- if news == "keys" -%}
        {%- set key = contract_key(entity) -%}
        create or replace table change.{{ entity }}_key as
        select distinct {{ columns_of("delivered", key) }}
        from {{ ref("input_" ~ entity) }} as delivered
        where {{ is_new_row(entity, "delivered") }};
        create or replace table change.{{ entity }}_rows as {{ rows_of_keys(entity) }};
        create or replace table change.{{ entity }}_before as
        select * from {{ this }} as held where {{ is_changed(entity, "held") }};
        delete from {{ this }} as held
        where {{ is_changed(entity, "held") }}
        ;
    {%- elif news == "all" -%}
        {%- if entity in followed_entities() -%}
            create or replace table change.{{ entity }}_before as select * from {{ this }};
        {%- endif -%}
        delete from {{ this }}
        ;
    {%- endif -%}
{%- endmacro %}

{#- The keys that tonight's deliveries of an entity without versions name. -#}
{% macro keep_new_keys(entity) -%}
    {%- if execute and not is_whole_night() and news_of(entity) != "none" -%}
        create or replace table change.{{ entity }}_key as
        select distinct {{ columns_of("delivered", contract_key(entity)) }}
        from {{ ref("input_" ~ entity) }} as delivered
        where {{ is_new_row(entity, "delivered") }}
    {%- endif -%}
{%- endmacro %}

{#- A snapshot may have ended any key: which, is seen when its history is told. -#}
{% macro after_history() -%}
    {%- set entity = this.name | replace("core_", "", 1) | replace("_history", "") -%}
    {%- if execute and not is_whole_night() and entity in followed_entities() and news_of(entity) == "all" -%}
        create or replace table change.{{ entity }}_key as
        select distinct {{ contract_key(entity) | join(", ") }} from ({{ difference("change." ~ entity ~ "_before", this) }}) as moved;
    {%- endif -%}
{%- endmacro %}

{% macro is_changed(entity, relation) -%}
    exists (
        select 1 from change.{{ entity }}_key as changed where {{ same("changed", relation, contract_key(entity)) }}
    )
{%- endmacro %}

{#- Whoever reads `rows_of_keys` reads corrections too; dbt sees that while it parses, or not at all. -#}
{% macro follow_corrections() -%}
    {%- if "standard" in var("connectors") -%} {%- do ref("prep_standard__correction") -%} {%- endif -%}
{%- endmacro %}

{#-
  All delivered rows of the keys that are new tonight. Where the input layer is a view, the keys are looked for in raw, by
  the text that was delivered: only what is found is turned into types.
-#}
{% macro rows_of_keys(entity) -%}
    {%- if graph.nodes["model.repledger.input_" ~ entity].config.materialized == "view" -%}
        {%- set wrong = corrected_columns(entity) -%}
        select {{ input_cells(entity, wrong, true) }}
        from
            ({{ stage_standard(entity, is_changed(entity, "delivered")) }}) as delivered
            {%- for column in wrong %} {{ join_correction(entity, column) }} {%- endfor %}
    {%- else -%} select * from {{ ref("input_" ~ entity) }} as delivered where {{ is_changed(entity, "delivered") }}
    {%- endif -%}
{%- endmacro %}

{#- Put aside what a small table said last night, for those who follow it: `change.<name>`. -#}
{% macro keep_before(columns="*") -%}
    {%- if execute and not is_whole_night() -%}
        create or replace table change.{{ this.name }} as select {{ columns }} from {{ this }}
    {%- endif -%}
{%- endmacro %}

{#- The rows of either relation that the other does not have. -#}
{% macro difference(left, right) -%}
    (select * from {{ left }} except all select * from {{ right }})
    union all
    (select * from {{ right }} except all select * from {{ left }})
{%- endmacro %}

{#-
  What a table held when this night began, a fact too. No `ref`: who asks is read before that table is made anew, so data
  still flows one way.
-#}
{% macro as_built(name) %}
    {{ "main" if name.startswith("fct_") else "core" }}.{{ name }}
{% endmacro %}

{#- The as-of date of the warehouse as it was built. What is dated later counts only now, or takes another day's rate. -#}
{% macro built_as_of_on() %} cast('{{ var("built_as_of_on") }}' as date){% endmacro %}

{#- Ids of which a small table says something else than last night, or nothing, or did then. -#}
{% macro moved_ids(table, id) -%}
    select distinct {{ id }} from ({{ difference("change." ~ table, ref(table)) }}) as moved
{%- endmacro %}

{#- Ids of a kind with those that figures show for them, last night or now; what stands for itself has no row. -#}
{% macro names_of(kind) -%}
    select from_id, to_id
    from change.core_crosswalk
    where id_kind = '{{ kind }}'
    union
    select from_id, to_id
    from {{ ref("core_crosswalk") }}
    where id_kind = '{{ kind }}'
{%- endmacro %}

{#- Ids of a kind that are shown as another than last night, and that other. -#}
{% macro moved_names(kind) -%}
    select from_id, to_id
    from ({{ difference("change.core_crosswalk", ref("core_crosswalk")) }}) as moved
    where id_kind = '{{ kind }}'
{%- endmacro %}

{#- Rates of days past that were not known last night, or otherwise. -#}
{% macro moved_rates() -%}
    select distinct currency, day_on
    from ({{ difference("change.core_fx_day", ref("core_fx_day")) }}) as moved
    where day_on < {{ built_as_of_on() }}
{%- endmacro %}

{#- Forget the rows of the months that are made anew, which `months` lists. -#}
{% macro forget_months(months, day) -%}
    {%- if execute and not is_whole_night() -%}
        delete from {{ this }} where {{ month_on(day) }} in (select month_on from core.{{ months }})
    {%- endif -%}
{%- endmacro %}

{#- True for a row of a month that is made anew. -#}
{% macro is_made_anew(months, day) -%}
    {%- if is_whole_night() -%} true
    {%- else -%}
        {{ month_on(day) }} in (select month_on from {{ ref(months) }})
    {%- endif -%}
{%- endmacro %}

{#- The same for what is kept by account, and by fiscal year. -#}
{% macro forget_accounts(change) -%}
    {%- if execute and not is_whole_night() -%}
        delete from {{ this }} where account_id in (select account_id from core.{{ change }})
    {%- endif -%}
{%- endmacro %}

{% macro is_of_changed_account(change, relation=none) -%}
    {%- if is_whole_night() -%} true
    {%- else -%}
        {{ relation ~ "." if relation }}account_id in (select account_id from {{ ref(change) }})
    {%- endif -%}
{%- endmacro %}

{% macro forget_years(months) -%}
    {%- if execute and not is_whole_night() -%}
        delete from {{ this }} where fiscal_year in ({{ _years_of("core." ~ months) }})
    {%- endif -%}
{%- endmacro %}

{#- A month that a year's end cuts is of the year of each part. -#}
{% macro _years_of(months) -%}
    select {{ fiscal_year("month_on") }}
    from {{ months }}
    {%- for cut in fiscal_cuts() %}
        union all
        select {{ fiscal_year("cast('" ~ cut ~ "' as date)") }}
        from {{ months }}
        where month_on = cast('{{ cut[:8] }}01' as date)
    {%- endfor %}
{%- endmacro %}

{% macro is_of_changed_year(months, year="fiscal_year") -%}
    {%- if is_whole_night() -%} true
    {%- else -%}
        {{ year }} in ({{ _years_of(ref(months)) }})
    {%- endif -%}
{%- endmacro %}

{#- Put aside the days that tonight's activities add to, and forget them. -#}
{% macro keep_changed_days() -%}
    {%- if execute and not is_whole_night() -%}
        {%- set is_touched -%}
            exists (
                select 1
                from core.core_activity_change as change
                where
                    days.delivered_crm_user_id is not distinct from change.delivered_crm_user_id
                    and days.activity_on is not distinct from change.activity_on
                    and days.activity_type is not distinct from change.activity_type
            )
        {%- endset -%}
        create or replace table change.core_activity_daily as select * from {{ this }} as days where {{ is_touched }};
        delete from {{ this }} as days
        where {{ is_touched }}
        ;
    {%- endif -%}
{%- endmacro %}

{#- True for a row of an extract, a source's of one date, of which a file is new tonight; of any extract on a whole night. -#}
{% macro is_of_new_extract(entity, relation) -%}
    {%- if var("news") is none -%} true
    {%- else -%}
        {{ relation }}._extract_date in ({{ _new_extract_dates(entity) }})
        and exists (
            select 1
            from raw.delivery as new_delivery
            where
                new_delivery.is_new
                and new_delivery.entity = '{{ entity }}'
                and new_delivery.source = {{ relation }}._source
                and new_delivery.extract_date = {{ relation }}._extract_date
        )
    {%- endif -%}
{%- endmacro %}

{% macro _new_extract_dates(entity) -%}
    {%- for day in var("news")[entity]["extract_dates"] -%}
        cast('{{ day }}' as date) {{- ", " if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#- Put aside which conflicts tonight's extracts had, and forget them: they are looked for anew. -#}
{% macro keep_new_conflicts() -%}
    {%- if execute and not is_whole_night() -%}
        {%- set is_new = is_conflict_of_new_extract("conflict") -%}
        create or replace table change.core_conflict as select * from {{ this }} as conflict where {{ is_new }};
        delete from {{ this }} as conflict
        where {{ is_new }}
        ;
    {%- endif -%}
{%- endmacro %}

{% macro is_conflict_of_new_extract(relation) -%}
    exists (
        select 1
        from raw.delivery as new_delivery
        where
            new_delivery.is_new
            and new_delivery.entity = {{ relation }}.entity
            and new_delivery.source = {{ relation }}.source
            and new_delivery.extract_date = {{ relation }}.extract_date
    )
{%- endmacro %}

{#- Forget what accounts bought whose lines are made anew, and between days that are cut otherwise. -#}
{% macro forget_stretches() -%}
    {%- if execute and not is_whole_night() -%}
        delete from {{ this }}
        where
            account_id in (select account_id from core.core_order_line_change)
            or stretch_from_on in (select stretch_from_on from core.core_period_change)
    {%- endif -%}
{%- endmacro %}

{#-
  The rows of a table that a test has to look at: all, or on a night that only adds deliveries those of the keys that it made
  anew, wherever they stand. The rest passed when it was made.
-#}
{% macro rows_to_test(relation) -%}
    {%- set node = graph.nodes.get("model.repledger." ~ relation.identifier) if execute else none -%}
    {%- set anew = node.config.meta.get("made_anew") if node else none -%}
    {%- set entity = relation.identifier | replace("core_", "", 1) | replace("_history", "") -%}
    {%- if not execute or var("news") is none -%} {{ relation }}
    {%- elif relation.identifier.endswith("_history") -%}
        {%- if news_of(entity) == "keys" -%}
            (select * from {{ relation }} as held where {{ is_changed(entity, "held") }})
        {%- elif news_of(entity) == "none" -%}(select * from {{ relation }} where false)
        {%- else -%} {{ relation }}
        {%- endif -%}
    {%- elif anew -%}
        (
            select told.*
            from {{ relation }} as told
            inner join
                (
                    select distinct {{ anew["key"] | join(", ") }}
                    from {{ relation }}
                    where
                        {{ month_on(day_or_beginning(anew["day"])) }}
                        in (select month_on from core.{{ anew["months"] }})
                ) as anew
                on {% for name in anew["key"] -%}
                    told.{{ name }} is not distinct from anew.{{ name }} {{ "and " if not loop.last }}
                {%- endfor %}
        )
    {%- else -%} {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro day_or_beginning(day) %} coalesce({{ day }}, {{ beginning_of_time() }}){% endmacro %}
