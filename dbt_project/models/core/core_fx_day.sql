{{ config(pre_hook="{{ keep_before() }}") }}
-- Each rate on each day that it holds, so that a line finds its rate by equality: a range would be looked
-- through line by line.
with
    spans as (select * from {{ ref("core_fx_span") }}),

    spine as ({{ dbt.date_spine("day", "cast('1950-01-01' as date)", add_days(as_of_on(), 1)) }}),

    days as (select cast(date_day as date) as day_on from spine)

select spans.currency, days.day_on, spans.fx_rate_id, spans.fx_rate
from spans
inner join days on spans.holds_from_on <= days.day_on and days.day_on < spans.holds_to_on
