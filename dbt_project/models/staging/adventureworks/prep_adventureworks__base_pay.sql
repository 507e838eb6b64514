-- Only hourly rates are delivered. A year of full time is 2,080 hours (52 weeks of 40) on 365 days, leap years too.
{% set hours_a_year = 2080 %}
{% set days_a_year = 365 %}
-- Months that one rate may last: a hundred years.
{% set longest_months = 1200 %}

with
    rates as (select * from {{ ref("prep_adventureworks__employee_pay_history") }}),

    months as ({{ dbt.generate_series(longest_months) }}),

    -- An extract knows of the days before its own, and no later change of rate.
    rate_spans as (
        select
            *,
            least(
                coalesce(
                    lead(ratechangedate) over (
                        partition by _source, _extract_date, businessentityid order by ratechangedate
                    ),
                    _extract_date
                ),
                _extract_date
            ) as rate_end_on
        from rates
    ),

    month_starts as (
        select
            rate_spans.*,
            {{ add_months(month_on("rate_spans.ratechangedate"), "cast(months.generated_number as integer) - 1") }}
            as month_start_on
        from rate_spans
        cross join months
    ),

    periods as (
        select
            *,
            greatest(month_start_on, ratechangedate) as period_start_on,
            least({{ add_months("month_start_on", 1) }}, rate_end_on) as period_end_on
        from month_starts
        where ratechangedate < rate_end_on and month_start_on < rate_end_on
    ),

    -- Rounding what was earned so far, and not each month, lets the months add up to the whole.
    hours_worth as (
        select
            *,
            rate * cast(
                {{ hours_a_year }} * {{ dbt.datediff("ratechangedate", "period_start_on", "day") }} as decimal(10, 0)
            ) as worth_before,
            rate * cast(
                {{ hours_a_year }} * {{ dbt.datediff("ratechangedate", "period_end_on", "day") }} as decimal(10, 0)
            ) as worth_after
        from periods
    ),

    base_pay as (
        select
            cast(businessentityid as varchar) as employee_number,
            period_start_on,
            period_end_on,
            'base-' || cast(ratechangedate as varchar) as item_code,
            {{ money_divided_by("worth_after", days_a_year) }}
            - {{ money_divided_by("worth_before", days_a_year) }} as pay_amount,
            _source,
            _extract_date,
            _file,
            _line
        from hours_worth
    )

select *
from base_pay
