-- From the first day with money to the end of the as-of date's fiscal year.
with
    spine as (
        {{
            dbt.date_spine(
                "day", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 13)
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

select
    days.date_on,
    cast(extract(year from days.date_on) as integer) as calendar_year,
    cast(extract(quarter from days.date_on) as integer) as calendar_quarter,
    cast(extract(month from days.date_on) as integer) as calendar_month,
    {{ month_on("days.date_on") }} as month_on,
    {{ fiscal_year("days.date_on") }} as fiscal_year,
    cast(
        floor((extract(month from days.date_on) - {{ var("fiscal_year_start_month") }} + 12) % 12 / 3) + 1 as integer
    ) as fiscal_quarter,
    cast(
        (extract(month from days.date_on) - {{ var("fiscal_year_start_month") }} + 12) % 12 + 1 as integer
    ) as fiscal_month
from days
cross join first_days
where
    days.date_on >= coalesce({{ month_on("first_days.first_on") }}, {{ as_of_on() }})
    and {{ fiscal_year("days.date_on") }} <= {{ fiscal_year(as_of_on()) }}
