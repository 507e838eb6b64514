-- From the first day with money to the end of the as-of date's fiscal year.
with
    spine as (
        {{
            dbt.date_spine(
                "day",
                "cast('1950-01-01' as date)",
                add_months(month_on(as_of_on()), 24 if var("fiscal_calendar") else 13),
            )
        }}
    ),

    first_days as (
        select min(first_on) as first_on
        from
            (
                select min(ordered_on) as first_on
                from {{ ref("core_order_line") }}
                union all
                select min(month_on)
                from {{ ref("core_cost_line") }}
            ) as firsts
    ),

    days as (select cast(date_day as date) as date_on from spine)
    {%- if var("fiscal_calendar") %}
        ,

        periods as (
            select *, max(fiscal_period) over () as periods_a_year from {{ company_periods() }} as company_periods
        )
    {%- endif %}

select
    days.date_on,
    cast(extract(year from days.date_on) as integer) as calendar_year,
    cast(extract(quarter from days.date_on) as integer) as calendar_quarter,
    cast(extract(month from days.date_on) as integer) as calendar_month,
    {{ month_on("days.date_on") }} as month_on,
    {{ fiscal_year("days.date_on") }} as fiscal_year,
    {% if var("fiscal_calendar") %}
        -- Four periods are quarters, twelve make four of three each; of others nobody says where a quarter ends.
        cast(
            case
                periods.periods_a_year
                when 4
                then periods.fiscal_period
                when 12
                then floor((periods.fiscal_period - 1) / 3) + 1
            end as integer
        ) as fiscal_quarter,
        cast(periods.fiscal_period as integer) as fiscal_month
    {% else %}
        cast(
            floor((extract(month from days.date_on) - {{ var("fiscal_year_start_month") }} + 12) % 12 / 3)
            + 1 as integer
        ) as fiscal_quarter,
        cast(
            (extract(month from days.date_on) - {{ var("fiscal_year_start_month") }} + 12) % 12 + 1 as integer
        ) as fiscal_month
    {% endif %}
from days
cross join first_days
{%- if var("fiscal_calendar") %}
    left join periods on days.date_on >= periods.starts_on and days.date_on < periods.ends_on
{%- endif %}
where
    days.date_on >= coalesce({{ month_on("first_days.first_on") }}, {{ as_of_on() }})
    and {{ fiscal_year("days.date_on") }} <= {{ fiscal_year(as_of_on()) }}
