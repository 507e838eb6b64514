{#-
  Periods of each delivered calendar follow each other, and the company's is delivered: every model has its years, so nothing is built on
  one that is broken. The gate says in words what is wrong.
-#}
{% test whole_calendar(model) %}
    with
        periods as (
            select calendar_code, fiscal_year, fiscal_period, starts_on, ends_on
            from {{ model }} as held
            where known_to_on = {{ end_of_time() }} and valid_to_on = {{ end_of_time() }}
        ),

        following as (
            select
                *,
                lead(starts_on) over days as next_starts_on,
                lead(fiscal_year) over days as next_fiscal_year,
                lead(fiscal_period) over days as next_fiscal_period
            from periods
            window days as (partition by calendar_code order by starts_on, ends_on, fiscal_year, fiscal_period)
        )

    select calendar_code, fiscal_year, fiscal_period
    from following
    where
        starts_on >= ends_on
        or next_starts_on <> ends_on
        or not (
            (next_fiscal_year = fiscal_year and next_fiscal_period = fiscal_period + 1)
            or (next_fiscal_year = fiscal_year + 1 and next_fiscal_period = 1)
        )
    {% if var("fiscal_calendar") %}
            {%- set code = text_literal(var("fiscal_calendar")) %}
        union all
        select {{ code }}, null, null
        where {{ code }} not in (select calendar_code from periods)
    {% endif %}
{% endtest %}
