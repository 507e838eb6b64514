-- How many days of each month somebody worked under which employee number, and how much of full time: what shared cost
-- is carried by. A day without a job on file counts as full time, and a day of leave as none.
with
    employments as (select * from {{ ref("core_rep_employment") }}),

    -- Only of months in which there is something to share.
    costs as (
        select distinct month_on
        from {{ ref("core_cost_line") }}
        union
        select distinct month_on
        from {{ ref("core_pool_line") }}
    ),

    months as (
        select months.month_on, months.next_month_on
        from {{ ref("core_month") }} as months
        inner join costs on months.month_on = costs.month_on
    ),

    present as (
        select
            employments.crm_user_id,
            employments.employee_number,
            months.month_on,
            greatest(employments.hired_on, months.month_on) as from_on,
            least(employments.left_on, months.next_month_on) as to_on
        from employments
        inner join months on employments.hired_on < months.next_month_on and months.month_on < employments.left_on
    ),

    jobs as (
        select employee_number, coalesce(full_time_pct, 100) as full_time_pct, valid_from_on, valid_to_on
        from {{ now_known("job") }}
        where full_time_pct <> 100
    ),

    part_time as (
        select
            present.employee_number,
            present.month_on,
            sum(
                {{
                    dbt.datediff(
                        "greatest(present.from_on, jobs.valid_from_on)", "least(present.to_on, jobs.valid_to_on)", "day"
                    )
                }} * (100 - jobs.full_time_pct)
            ) as days_off_pct
        from present
        inner join
            jobs
            on present.employee_number = jobs.employee_number
            and jobs.valid_from_on < present.to_on
            and present.from_on < jobs.valid_to_on
        group by 1, 2
    ),

    leave as (
        select
            employee_number,
            month_on,
            sum(away_pct) as away_pct,
            cast(sum(away_pct * full_time_pct) * cast(0.01 as decimal(3, 2)) as decimal(18, 4)) as away_full_time_pct
        from {{ ref("core_absence") }}
        group by 1, 2
    )

select
    present.crm_user_id,
    present.employee_number,
    present.month_on,
    present.from_on,
    present.to_on,
    {{ dbt.datediff("present.from_on", "present.to_on", "day") }} as days_employed,
    cast(
        100 * {{ dbt.datediff("present.from_on", "present.to_on", "day") }}
        - coalesce(leave.away_pct, 0) as decimal(18, 4)
    ) as present_pct_days,
    cast(
        100 * {{ dbt.datediff("present.from_on", "present.to_on", "day") }}
        - coalesce(part_time.days_off_pct, 0)
        - coalesce(leave.away_full_time_pct, 0) as decimal(18, 4)
    ) as full_time_pct_days,
    row_number() over (
        partition by present.crm_user_id, present.month_on order by present.to_on desc, present.employee_number desc
    )
    = 1 as is_last
from present
left join part_time on present.employee_number = part_time.employee_number and present.month_on = part_time.month_on
left join leave on present.employee_number = leave.employee_number and present.month_on = leave.month_on
