{{ config(materialized="view") }}

with
    readings as (
        select *
        from {{ ref("segment_value") }}
        where lens = 'as_sold' and value_measure = 'revenue' and basis = 'nominal' and fiscal_year is not null
    )

select
    segment_type,
    segment,
    fiscal_year,
    max(first_segment) as first_segment,
    max(second_segment) as second_segment,
    max(case when reading = 'year' then revenue_amount end) as revenue_amount,
    max(case when reading = 'year' then cost_amount end) as cost_amount,
    max(case when reading = 'year' then value_ratio end) as year_value_ratio,
    max(case when reading = 'year' then customers_acquired end) as customers_acquired
    {% for age in [12, 24, 36] %}
        ,
        max(case when reading = 'cohort' and age_months = {{ age }} then value_amount end) as cohort_{{ age }}_amount,
        max(case when reading = 'cohort' and age_months = {{ age }} then value_ratio end) as cohort_{{ age }}_ratio,
        bool_and(
            case when reading = 'cohort' and age_months = {{ age }} then is_mature end
        ) as is_cohort_{{ age }}_mature
    {% endfor %},
    max(case when reading = 'cohort' and age_months is null then value_amount end) as cohort_to_date_amount,
    max(case when reading = 'cohort' and age_months is null then value_ratio end) as cohort_to_date_ratio,
    max(case when reading = 'year' then metric_versions end) as metric_versions
from readings
group by segment_type, segment, fiscal_year
