-- Every employed day of each month in which a rep was away on long leave, and how much of the day was leave. A day told
-- twice counts once, as the larger share. Leave without an end lasts as long as the employment; days outside of
-- one, and those of somebody whom payroll doesn't know, are nobody's.
with
    employments as (select * from {{ ref("core_rep_employment") }}),

    spans as (
        select
            employments.employee_number,
            greatest(absences.starts_on, employments.hired_on) as from_on,
            least(coalesce(absences.ends_on, {{ end_of_time() }}), employments.left_on) as to_on,
            coalesce(absences.absence_pct, 100) as away_pct,
            case when absences.is_paid = false then 0 else 1 end as paid_place
        from {{ latest("absence") }} as absences
        inner join employments on absences.employee_number = employments.employee_number
        where {{ is_long_leave("absences.absence_type") }}
    ),

    months as (
        select distinct
            employments.crm_user_id,
            employments.employee_number,
            months.month_on,
            greatest(employments.hired_on, months.month_on) as from_on,
            least(employments.left_on, months.next_month_on) as to_on
        from spans
        inner join
            {{ ref("core_month") }} as months on spans.from_on < months.next_month_on and months.month_on < spans.to_on
        inner join employments on spans.employee_number = employments.employee_number
        where spans.from_on < spans.to_on
    ),

    spine as ({{ dbt.date_spine("day", "cast('1950-01-01' as date)", add_months(month_on(as_of_on()), 1)) }}),

    jobs as (
        select employee_number, full_time_pct, valid_from_on, valid_to_on
        from {{ now_known("job") }}
        where full_time_pct <> 100
    ),

    days as (
        select months.crm_user_id, months.employee_number, months.month_on, cast(spine.date_day as date) as day_on
        from months
        inner join spine on months.from_on <= spine.date_day and spine.date_day < months.to_on
    ),

    told as (
        select
            days.crm_user_id,
            days.employee_number,
            days.month_on,
            days.day_on,
            coalesce(jobs.full_time_pct, 100) as full_time_pct,
            coalesce(spans.away_pct, 0) as away_pct,
            coalesce(spans.paid_place, 1) = 1 as is_paid,
            row_number() over (
                partition by days.employee_number, days.day_on
                order by coalesce(spans.away_pct, 0) desc, coalesce(spans.paid_place, 1) desc
            ) as place
        from days
        left join
            spans
            on days.employee_number = spans.employee_number
            and spans.from_on <= days.day_on
            and days.day_on < spans.to_on
        left join
            jobs
            on days.employee_number = jobs.employee_number
            and jobs.valid_from_on <= days.day_on
            and days.day_on < jobs.valid_to_on
    )

select crm_user_id, employee_number, month_on, day_on, full_time_pct, away_pct, is_paid
from told
where place = 1
