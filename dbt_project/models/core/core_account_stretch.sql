{{
    config(
        materialized="incremental",
        on_schema_change="fail",
        pre_hook="{{ forget_stretches() }}",
    )
}}
-- What each account bought between any two days on which a period begins or ends: the lines once, and far fewer
-- than them, for whoever is read to have held the account. On a night that only adds deliveries, made anew for
-- accounts whose lines are, and where a period begins or ends on another day than last night.
with
    stretches as (select distinct day_on, stretch_from_on from {{ ref("core_period_day") }}),

    lines as (
        select account_id, ordered_on, {{ sale_values() }}
        from {{ ref("core_order_line") }}
        where ordered_on < {{ as_of_on() }} and revenue_amount is not null
    )

select lines.account_id, stretches.stretch_from_on, {{ summed_sale_values("lines") }}
from lines
inner join stretches on lines.ordered_on = stretches.day_on
{% if not is_whole_night() %}
    where
        {{ is_of_changed_account("core_order_line_change", "lines") }}
        or stretches.stretch_from_on in (select stretch_from_on from {{ ref("core_period_change") }})
{% endif %}
group by 1, 2
