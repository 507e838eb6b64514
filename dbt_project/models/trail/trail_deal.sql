-- Which deal is in whose funnel of which year, by the delivered line that says so last:
-- core_deal_event with its places.
with
    deal_events as ({{ deal_events() }}),

    events as (
        select
            events.*, deals.delivered_opportunity_id, deals.opportunity_amount, deals.currency, deals.reporting_amount
        from deal_events as events
        inner join {{ ref("fct_opportunity") }} as deals on events.opportunity_id = deals.opportunity_id
    ),

    placed as ({{ placed_at_year_end("events") }})

select placed.*, told._source, told._file, told._line
from placed
inner join {{ latest("opportunity") }} as told on placed.delivered_opportunity_id = told.opportunity_id
