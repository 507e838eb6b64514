-- Every month up to the one of the as-of date. 1950 is before any CRM: the gate blocks an older sale.
with spine as ({{ dbt.date_spine("month", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 1)) }})

select
    cast(date_month as date) as month_on,
    {{ add_months("date_month", 1) }} as next_month_on,
    {{ add_days(add_months("date_month", 1), -1) }} as last_day_on,
    {{ add_months("date_month", 1) }} <= {{ as_of_on() }} as is_over
from spine
