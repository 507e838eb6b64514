{#-
  Fiscal years: from a month's first day on, or as the calendar that company.toml names says. A calendar's years may have 52 or
  53 weeks, and one of them fewer months where the year-end was changed. They are read from the history of the calendar as it
  was just built, so that corrections and a look-back count, and written into each model as days.
-#}
{#- The years of the company's calendar in their order, as fiscal_year, starts_on, ends_on; none where there is no calendar. -#}
{% macro fiscal_years() -%}
    {%- if not var("fiscal_calendar") -%} {% do return(none) %} {%- endif -%}
    {%- set years -%}
        select cast(fiscal_year as integer) as fiscal_year, cast(min(starts_on) as varchar), cast(max(ends_on) as varchar)
        from {{ latest("fiscal_calendar") }}
        where calendar_code = {{ text_literal(var("fiscal_calendar")) }}
        group by 1
        order by 1
    {%- endset -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for year in run_query(years).rows -%}
            {%- do found.append({"fiscal_year": year[0] | int, "starts_on": year[1], "ends_on": year[2]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(found) %}
{%- endmacro %}

{#- The periods of the company's calendar. -#}
{% macro company_periods() -%}
    (
        select fiscal_year, fiscal_period, starts_on, ends_on
        from {{ latest("fiscal_calendar") }}
        where calendar_code = {{ text_literal(var("fiscal_calendar")) }}
    )
{%- endmacro %}

{#-
  Fiscal years are named by the calendar year they end in, those of a calendar as it names them. Of a day before the first or after the
  last year of a calendar it is the number beside: the gate blocks what was sold or spent on it.
-#}
{% macro fiscal_year(day) -%}
    {%- set start = var("fiscal_year_start_month") | int -%}
    {%- set years = fiscal_years() -%}
    {%- if years -%}
        cast(
            case
                when {{ day }} < cast('{{ years[0]["starts_on"] }}' as date)
                then {{ years[0]["fiscal_year"] - 1 }}
                {%- for year in years %}
                    when {{ day }} < cast('{{ year["ends_on"] }}' as date) then {{ year["fiscal_year"] }}
                {%- endfor %}
                when {{ day }} >= cast('{{ years[-1]["ends_on"] }}' as date)
                then {{ years[-1]["fiscal_year"] + 1 }}
            end as integer
        )
    {%- elif start == 1 -%} cast(extract(year from {{ day }}) as integer)
    {%- else -%}
        cast(
            extract(year from {{ day }})
            + case when extract(month from {{ day }}) >= {{ start }} then 1 else 0 end as integer
        )
    {%- endif -%}
{%- endmacro %}

{#- First day of the fiscal year. -#}
{% macro fiscal_year_start_on(year) -%}
    {%- if fiscal_years() -%} {{ _day_of_year(year, "starts_on") }}
    {%- else -%} {{ add_months(fiscal_year_end_on(year), -12) }}
    {%- endif -%}
{%- endmacro %}

{#- Day after the last of the fiscal year. -#}
{% macro fiscal_year_end_on(year) -%}
    {%- set start = var("fiscal_year_start_month") | int -%}
    {%- if fiscal_years() -%} {{ _day_of_year(year, "ends_on") }}
    {%- else -%} make_date({{ year }}{% if start == 1 %} + 1{% endif %}, {{ start }}, 1)
    {%- endif -%}
{%- endmacro %}

{#- Null for a year that is neither in the calendar nor beside it. -#}
{% macro _day_of_year(year, day) -%}
    {%- set years = fiscal_years() -%}
    {%- set before = {"starts_on": "0001-01-01", "ends_on": years[0]["starts_on"]} -%}
    {%- set after = {"starts_on": years[-1]["ends_on"], "ends_on": "9999-12-31"} -%}
    cast(
        case
            {{ year }}
            when {{ years[0]["fiscal_year"] - 1 }}
            then '{{ before[day] }}'
            {%- for known in years %} when {{ known["fiscal_year"] }} then '{{ known[day] }}' {%- endfor %}
            when {{ years[-1]["fiscal_year"] + 1 }}
            then '{{ after[day] }}'
        end as date
    )
{%- endmacro %}

{#-
  True for a fiscal year that may stand beside the one before: of two years of which one is two weeks longer, as where the year-end
  was changed, neither growth nor retention says anything. Nothing to ask where every year has twelve months.
-#}
{% macro and_is_as_long_as_the_one_before(year) -%}
    {%- if fiscal_years() %}
        and abs(
            {{ days_between(fiscal_year_start_on(year), fiscal_year_end_on(year)) }}
            - {{ days_between(fiscal_year_start_on(year ~ " - 1"), fiscal_year_end_on(year ~ " - 1")) }}
        )
        <= 14
    {%- endif -%}
{%- endmacro %}

{#- Days within a month on which a year of the calendar begins or ends: they cut that month in two. -#}
{% macro fiscal_cuts() -%}
    {%- set cuts = [] -%}
    {%- for year in fiscal_years() or [] -%}
        {%- for day in [year["starts_on"], year["ends_on"]] if not day.endswith("-01") and day not in cuts -%}
            {%- do cuts.append(day) -%}
        {%- endfor -%}
    {%- endfor -%}
    {% do return(cuts | sort) %}
{%- endmacro %}

{#-
  First day of what is counted as one month: of a calendar month, or of the part of it that lies in the day's fiscal year. All that is
  counted by months is counted by these, so that a month that a year's end cuts is two, and each is in one year.
-#}
{% macro part_on(day) -%}
    {%- set cuts = fiscal_cuts() -%}
    {%- if cuts -%}
        case
            {%- for cut in cuts | reverse %}
                when {{ day }} >= cast('{{ cut }}' as date) and {{ day }} < cast('{{ _next_month(cut) }}' as date)
                then cast('{{ cut }}' as date)
            {%- endfor %}
            else {{ month_on(day) }}
        end
    {%- else -%} {{ month_on(day) }}
    {%- endif -%}
{%- endmacro %}

{% macro _next_month(day) -%}
    {%- set first = modules.datetime.date.fromisoformat(day).replace(day=1) -%}
    {% do return((first + modules.datetime.timedelta(days=31)).replace(day=1).isoformat()) %}
{%- endmacro %}

{#-
  Amounts of a month, each divided by days over the parts of it that lie in different fiscal years. Body of a CTE with the columns of the
  relation; only where there is a calendar is there anything to divide.
  relation: rows with month_on, and the days over which they are spread, from_on and to_on, within that month.
  The parts of an amount add up to it: each is the rounded amount up to its last day without that up to its first.
-#}
{% macro divided_by_parts(relation, amounts) -%}
    {%- if fiscal_cuts() -%}
        {%- set spread = days_between("whole.from_on", "whole.to_on") -%}
        {%- set until = days_between("whole.from_on", "least(whole.to_on, parts.next_month_on)") -%}
        {%- set before = days_between("whole.from_on", "greatest(whole.from_on, parts.month_on)") -%}
        select
            whole.* exclude ({{ amounts | join(", ") }}, month_on, from_on, to_on),
            coalesce(parts.month_on, whole.month_on) as month_on
            {%- for amount in amounts %}
                ,
                case
                    when parts.month_on is null
                    then whole.{{ amount }}
                    else
                        cast(
                            {{ money_part("whole." ~ amount, until, spread) }}
                            - {{ money_part("whole." ~ amount, before, spread) }} as decimal(18, 4)
                        )
                end as {{ amount }}
            {%- endfor %}
        from {{ relation }} as whole
        left join
            {{ ref("core_month") }} as parts
            on parts.is_cut
            and whole.from_on < parts.next_month_on
            and parts.month_on < whole.to_on
    {%- else -%}
        {#- While dbt only parses it has no cuts, and must see what it would read. -#}
        {%- if var("fiscal_calendar") -%} {%- do ref("core_month") -%}
        {%- endif -%}
        select * exclude (from_on, to_on)
        from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- Hours of full time in the month, or the part of one, that begins on a day; in a part those of its days. -#}
{% macro full_time_hours(part_on) -%}
    {%- set cuts = fiscal_cuts() -%}
    {%- if cuts -%}
        {%- set next_month_on = add_months(month_on(part_on), 1) -%}
        {%- set ends -%}
            least(
                {%- for cut in cuts %}
                    case when {{ part_on }} < cast('{{ cut }}' as date) then cast('{{ cut }}' as date) end,
                {%- endfor %} {{ next_month_on }}
            )
        {%- endset -%}
        cast(
            round(
                {{ var("full_time_hours_month") }}
                * cast({{ days_between(part_on, ends) }} as double)
                / {{ days_between(month_on(part_on), next_month_on) }},
                4
            ) as decimal(18, 4)
        )
    {%- else -%} {{ var("full_time_hours_month") }}
    {%- endif -%}
{%- endmacro %}

{#-
  How much a month's end, or that of a part of one, counts in the book of its fiscal year, and what the sum is divided by: each of
  twelve months alike; under a calendar each by its days, since a year may have 52 weeks, 53, or only some months.
-#}
{% macro book_weight(relation) -%}
    {%- if fiscal_years() -%} ({{ days_between(relation ~ ".month_on", relation ~ ".last_day_on") }} + 1)
    {%- else -%} 1
    {%- endif -%}
{%- endmacro %}

{% macro book_divisor() -%} {{ 365 if fiscal_years() else 12 }} {%- endmacro %}

{#- The sums of what customers had brought by the ends of months, as they count in a book. -#}
{% macro summed_book_values(relation) -%}
    {%- for basis in var("bases") -%}
        {%- for column in values_so_far() -%}
            {%- set amount = relation ~ "." ~ based(column, basis) -%}
            {%- set amount = amount ~ " * " ~ book_weight(relation) if fiscal_years() else amount -%}
            {%- if loop.first %} {{ sum_amount(amount) }}
            {%- else %} {{ sum_if_all_known(amount) }}
            {%- endif %} as {{ based(column, basis) }} {{- "," if not loop.last }}
        {%- endfor -%}
        {{- "," if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
