-- For which months payroll says nothing of base pay, taxes or benefits of a rep who was employed in them: then the cost
-- of the year is without them. The first and last month of an employment may be paid with another one: by themselves
-- they make no gap, unless nothing at all was paid in the year. Pay of the month before the as-of date may still come,
-- and a month that was all absence needs none. An item is for the months of its period; one of 0 says there is none.
{% set components = ["base", "taxes", "benefits"] %}
with
    employments as (select * from {{ ref("core_rep_employment") }}),

    months as (
        select
            *,
            {{ month_on("month_on") }} as calendar_month_on,
            {{ fiscal_year("month_on") }} as fiscal_year,
            {{ days_between("month_on", "next_month_on") }} as month_days
        from {{ ref("core_month") }}
        where next_month_on <= {{ add_months(as_of_on(), -1) }}
    ),

    items as (
        select distinct
            employee_number,
            -- Payroll that tells paid leave itself has told the pay of the month.
            case when lower(component) = 'paid_leave' then 'base' else lower(component) end as component,
            {{ month_on("period_start_on") }} as first_month_on,
            case
                when period_end_on > period_start_on
                then {{ month_on(add_days("period_end_on", -1)) }}
                else {{ month_on("period_start_on") }}
            end as last_month_on
        from {{ latest("pay_item") }}
        where lower(component) in ('{{ components | join("', '") }}', 'paid_leave')
    ),

    -- Few kinds of period are in many items.
    periods as (select distinct first_month_on, last_month_on from items),

    period_months as (
        select distinct periods.first_month_on, periods.last_month_on, months.calendar_month_on
        from periods
        inner join
            months
            on periods.first_month_on <= months.calendar_month_on
            and months.calendar_month_on <= periods.last_month_on
    ),

    told as (
        select distinct employments.crm_user_id, items.component, period_months.calendar_month_on
        from items
        inner join employments on items.employee_number = employments.employee_number
        inner join
            period_months
            on items.first_month_on = period_months.first_month_on
            and items.last_month_on = period_months.last_month_on
    ),

    -- Before payroll delivers anything, all of a year's cost is missing.
    payroll_years as (
        select distinct months.fiscal_year
        from months
        inner join told on months.calendar_month_on = told.calendar_month_on
    ),

    employed as (
        select
            employments.crm_user_id,
            employments.employee_number,
            months.month_on,
            months.calendar_month_on,
            months.last_day_on,
            months.fiscal_year,
            months.month_days,
            greatest(employments.hired_on, months.month_on) as from_on,
            least(employments.left_on, months.next_month_on) as to_on
        from employments
        inner join months on employments.hired_on < months.next_month_on and months.month_on < employments.left_on
        inner join payroll_years on months.fiscal_year = payroll_years.fiscal_year
    ),

    away as (
        select
            employed.crm_user_id,
            employed.month_on,
            sum(
                coalesce(absences.absence_pct, 100)
                * {{
                    days_between(
                        "greatest(absences.starts_on, employed.from_on)",
                        "least(coalesce(absences.ends_on, employed.to_on), employed.to_on)",
                    )
                }}
            ) as away_pct_days
        from employed
        inner join
            {{ latest("absence") }} as absences
            on employed.employee_number = absences.employee_number
            and absences.starts_on < employed.to_on
            and employed.from_on < coalesce(absences.ends_on, {{ end_of_time() }})
        group by 1, 2
    ),

    present as (
        select
            crm_user_id,
            month_on,
            calendar_month_on,
            last_day_on,
            fiscal_year,
            month_days,
            sum({{ days_between("from_on", "to_on") }}) as days_employed
        from employed
        group by 1, 2, 3, 4, 5, 6
    ),

    parts as (
        {% for component in components %}
            select '{{ component }}' as component
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    asked as (
        select
            present.crm_user_id,
            present.month_on,
            present.last_day_on,
            present.fiscal_year,
            present.days_employed,
            parts.component,
            case when told.crm_user_id is null then 1 else 0 end as is_gap,
            case
                when told.crm_user_id is null and present.days_employed >= present.month_days then 1 else 0
            end as is_whole_gap
        from present
        cross join parts
        left join
            told
            on present.crm_user_id = told.crm_user_id
            and present.calendar_month_on = told.calendar_month_on
            and parts.component = told.component
        left join away on present.crm_user_id = away.crm_user_id and present.month_on = away.month_on
        where told.crm_user_id is not null or coalesce(away.away_pct_days, 0) < 100 * present.days_employed
    ),

    years as (
        select *, max(is_whole_gap) over of_year as has_whole_gap, min(is_gap) over of_year as has_gaps_alone
        from asked
        window of_year as (partition by crm_user_id, fiscal_year, component)
    )

select crm_user_id, month_on, last_day_on, fiscal_year, component, days_employed
from years
where is_gap = 1 and (has_whole_gap = 1 or has_gaps_alone = 1)
