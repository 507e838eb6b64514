-- Every month up to the one of the as-of date. 1950 is before any CRM: the gate blocks an older sale.
-- A month that a year of the company's calendar cuts is two, each in one year.
{% set cuts = fiscal_cuts() %}
with spine as ({{ dbt.date_spine("month", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 1)) }})
{% if cuts %}
        ,

        starts as (
            select cast(date_month as date) as month_on
            from spine
            {% for cut in cuts %}
                union
                select cast('{{ cut }}' as date)
                where cast('{{ cut }}' as date) < {{ add_months(month_on(as_of_on()), 1) }}
            {% endfor %}
        ),

        parts as (
            select
                month_on,
                lead(month_on, 1, {{ add_months(month_on(as_of_on()), 1) }}) over (order by month_on) as next_month_on,
                count(*) over (partition by {{ month_on("month_on") }}) > 1 as is_cut
            from starts
        )

    select
        month_on,
        next_month_on,
        {{ add_days("next_month_on", -1) }} as last_day_on,
        next_month_on <= {{ as_of_on() }} as is_over,
        is_cut
    from parts
{% else %}

    select
        cast(date_month as date) as month_on,
        {{ add_months("date_month", 1) }} as next_month_on,
        {{ add_days(add_months("date_month", 1), -1) }} as last_day_on,
        {{ add_months("date_month", 1) }} <= {{ as_of_on() }} as is_over
    from spine
{% endif %}
