{#- Both clocks are half-open and have no null: spans without a known start or end reach to these two days. -#}
{% macro beginning_of_time() %} cast('0001-01-01' as date){% endmacro %}
{% macro end_of_time() %} cast('9999-12-31' as date){% endmacro %}

{#- The latest extract date. Passed in, so that a run of yesterday's date gives yesterday's bytes. -#}
{% macro as_of_on() %} cast('{{ var("as_of_on") }}' as date){% endmacro %}

{% macro month_on(day) %} cast({{ dbt.date_trunc("month", day) }} as date){% endmacro %}

{% macro add_months(day, months) %} cast({{ dbt.dateadd("month", months, day) }} as date){% endmacro %}

{% macro add_days(day, days) %} cast({{ dbt.dateadd("day", days, day) }} as date){% endmacro %}

{#- Days from one date until another, half-open. -#}
{% macro days_between(from_on, to_on) %} {{ dbt.datediff(from_on, to_on, "day") }}{% endmacro %}

{#- A time with an offset is turned into UTC; one without is read in the company's time zone. -#}
{% macro utc_timestamp(text) -%}
    case
        -- What most systems send, and six times as fast as a cast that looks for a zone.
        when {{ text }} like '%Z'
        then try_cast({{ text }} as timestamp)
        when regexp_matches({{ text }}, '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$') and length({{ text }}) > 10
        then timezone('UTC', try_cast({{ text }} as timestamptz))
        else timezone('UTC', timezone('{{ var("time_zone") }}', try_cast({{ text }} as timestamp)))
    end
{%- endmacro %}

{#- The day on which something happened, where the company is. -#}
{% macro local_date(utc) -%}
    {%- if var("time_zone") == "UTC" -%} cast({{ utc }} as date)
    {%- else -%} cast(timezone('{{ var("time_zone") }}', timezone('UTC', {{ utc }})) as date)
    {%- endif -%}
{%- endmacro %}

{#- The day whose rate a line takes: its own, or the as-of date's for one that is still to come. -#}
{% macro rate_day(day) %} least({{ day }}, {{ as_of_on() }}){% endmacro %}
