-- Events that another source answers for, because it took over or had not yet: kept, shown
-- here, and counted there alone.
with
    rates as (select * from {{ ref("core_fx_day") }}),

    events as (
        select
            cast(null as varchar) as entity,
            cast(null as varchar) as source,
            cast(null as varchar) as currency,
            cast(null as date) as happened_on,
            cast(null as decimal(18, 4)) as local_amount
        where false
        {% for entity, amount in {"order_line": "booked_amount", "pay_item": "pay_amount", "expense_line": "expense_amount"}.items() %}
            {% if takeovers(entity) %}
                union all
                select '{{ entity }}', held._source, held.currency, held.{{ happens_on(entity) }}, held.{{ amount }}
                from {{ ref("core_" ~ entity ~ "_history") }} as held
                where
                    held.known_to_on = {{ end_of_time() }}
                    and held.valid_to_on = {{ end_of_time() }}
                    and not ({{ counts("held", entity) }})
            {% endif %}
        {% endfor %}
    )

select
    events.entity,
    events.source,
    events.currency,
    cast(count(*) as integer) as row_count,
    min(events.happened_on) as first_on,
    max(events.happened_on) as last_on,
    {{ sum_amount("events.local_amount") }} as taken_over_local_amount,
    {{ sum_amount(money_product("events.local_amount", "rates.fx_rate")) }} as taken_over_amount
from events
left join rates on events.currency = rates.currency and {{ rate_day("events.happened_on") }} = rates.day_on
group by events.entity, events.source, events.currency
