-- Which deal is in whose funnel of which year, by the delivered line that says so last: the events that deal_funnel
-- counts, with their places and the rate that the deal took.
with
    deal_events as ({{ deal_events() }}),

    events as (
        select
            events.*,
            deals.delivered_opportunity_id,
            deals.opportunity_amount,
            deals.currency,
            deals.reporting_amount,
            rates.fx_rate_id
        from deal_events as events
        inner join {{ ref("fct_opportunity") }} as deals on events.opportunity_id = deals.opportunity_id
        left join
            {{ ref("core_fx_day") }} as rates
            on deals.currency = rates.currency
            and {{ rate_day("coalesce(deals.closed_on, deals.created_on, " ~ as_of_on() ~ ")") }} = rates.day_on
    ),

    placed as ({{ placed_at_year_end("events") }})

select placed.*, 'opportunity' as entity, told._file, told._line
from placed
inner join {{ latest("opportunity") }} as told on placed.delivered_opportunity_id = told.opportunity_id
