{%- set days = days_between("starts_on", "ends_on") -%}
-- The delivered calendars beside each other: a company may close by one and plan by another.
select
    calendar_code,
    cast(fiscal_year as integer) as fiscal_year,
    cast(fiscal_period as integer) as fiscal_period,
    starts_on as period_start_on,
    ends_on as period_end_on,
    cast({{ days }} as integer) as period_days,
    cast(case when {{ days }} % 7 = 0 then floor({{ days }} / 7) end as integer) as period_weeks,
    {% if var("fiscal_calendar") %} calendar_code = {{ text_literal(var("fiscal_calendar")) }}
    {% else %} false
    {% endif %} as is_company_calendar
from {{ latest("fiscal_calendar") }}
