{{ config(pre_hook="{{ keep_before('distinct day_on, stretch_from_on') }}") }}
-- Every period that a figure is asked for, day by day, so that a sale finds its periods by equality: fiscal years with
-- sales, and the periods of goals.
with
    years as (select distinct fiscal_year from {{ ref("core_sale_day") }}),

    periods as (
        select
            {{ fiscal_year_start_on("fiscal_year") }} as period_start_on,
            {{ fiscal_year_end_on("fiscal_year") }} as period_end_on
        from years
        union
        select period_start_on, period_end_on
        from {{ ref("core_goal") }}
        where period_start_on < period_end_on
    ),

    spine as ({{ dbt.date_spine("day", "cast('1950-01-01' as date)", as_of_on()) }}),

    cuts as (
        select period_start_on as cut_on
        from periods
        union
        select period_end_on
        from periods
    ),

    -- Since which day no period has begun or ended.
    days as (
        select
            cast(spine.date_day as date) as day_on,
            max(cuts.cut_on) over (order by spine.date_day rows unbounded preceding) as stretch_from_on
        from spine
        left join cuts on cast(spine.date_day as date) = cuts.cut_on
    )

select
    periods.period_start_on,
    periods.period_end_on,
    years.fiscal_year,
    least({{ add_days("periods.period_end_on", -1) }}, {{ add_days(as_of_on(), -1) }}) as last_day_on,
    days.day_on,
    days.stretch_from_on
from periods
inner join days on periods.period_start_on <= days.day_on and days.day_on < periods.period_end_on
left join
    years
    on periods.period_start_on = {{ fiscal_year_start_on("years.fiscal_year") }}
    and periods.period_end_on = {{ fiscal_year_end_on("years.fiscal_year") }}
