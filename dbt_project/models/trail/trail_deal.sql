-- Which deal is in whose funnel of which year, by the delivered line that says so last: the events that deal_funnel
-- counts, with their places and the rate that the deal took.
with
    deals as (
        select opportunity_id, delivered_opportunity_id, opportunity_amount, currency, {{ deal_rated_on() }} as rated_on
        from {{ ref("fct_opportunity") }}
    ),

    deal_events as (
        {% for basis in var("bases") %}
            select *, '{{ basis }}' as basis
            from ({{ deal_events(basis) }}) as events
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    events as (
        select
            events.*,
            deals.delivered_opportunity_id,
            deals.opportunity_amount,
            deals.currency,
            rates.fx_rate_id,
            {{ month_on(rate_day("deals.rated_on")) }} as month_on
        from deal_events as events
        inner join deals on events.opportunity_id = deals.opportunity_id
        left join
            {{ ref("core_fx_day") }} as rates
            on deals.currency = rates.currency
            and {{ rate_day("deals.rated_on") }} = rates.day_on
    ),

    placed as ({{ placed_at_year_end("events") }})

select placed.*, 'opportunity' as entity, told._file, told._line
from placed
inner join {{ latest("opportunity") }} as told on placed.delivered_opportunity_id = told.opportunity_id
