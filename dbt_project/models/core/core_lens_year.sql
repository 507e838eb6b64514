-- At which day each lens reads who held what in a fiscal year; null where it is the day of each sale. A year that still
-- runs is read on the last day before the as-of date.
with
    years as (select distinct {{ fiscal_year("month_on") }} as fiscal_year from {{ ref("core_month") }}),

    latest_day as (select {{ add_days(as_of_on(), -1) }} as last_day_on)

select years.fiscal_year, 'as_sold' as lens, cast(null as date) as read_on
from years
union all
select
    years.fiscal_year,
    'as_was',
    least({{ add_days(fiscal_year_end_on("years.fiscal_year"), -1) }}, latest_day.last_day_on)
from years
cross join latest_day
union all
select years.fiscal_year, 'as_is', latest_day.last_day_on
from years
cross join latest_day
