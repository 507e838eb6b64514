-- Months that are closed now: the last word on each, if it was said by the as-of date. Under a calendar its periods are
-- closed, each named by its first day.
with closes as (select * from {{ latest("period_close") }} where is_closed and closed_on <= {{ as_of_on() }})

{% if var("fiscal_calendar") %}
    select closes.month_on, periods.ends_on as next_month_on, closes.closed_on, closes.closed_by
    from closes
    inner join {{ company_periods() }} as periods on closes.month_on = periods.starts_on
{% else %} select month_on, {{ add_months("month_on", 1) }} as next_month_on, closed_on, closed_by from closes
{% endif %}
