-- By which goals each owner was to sell in a fiscal year: the year's own, else those of its parts. Of the versions of a
-- goal the last counts, and of periods of several lengths the longest: a year and its quarters would count twice.
with
    goals as (
        select
            goals.*,
            {{ fiscal_year("period_start_on") }} as fiscal_year,
            {{ dbt.datediff("period_start_on", "period_end_on", "day") }} as period_days
        from {{ ref("core_goal") }} as goals
        where metric = 'revenue' and period_start_on < period_end_on
    ),

    ranked as (
        select
            goals.*,
            -- Months and quarters are not all of one length.
            cast(round(period_days / 30.4) as integer) as period_months,
            max(cast(round(period_days / 30.4) as integer)) over (
                partition by owner_type, owner_id, fiscal_year
            ) as longest_months,
            row_number() over (partition by goal_id order by goal_version desc) as place
        from goals
        where period_end_on <= {{ fiscal_year_end_on("fiscal_year") }}
    )

select
    owner_type,
    owner_id,
    fiscal_year,
    goal_id,
    goal_version,
    full_target_amount,
    ramp_pct,
    {{ in_bases(["target_amount"]) | join(", ") }},
    month_on,
    _file,
    _line
from ranked
where place = 1 and period_months = longest_months
