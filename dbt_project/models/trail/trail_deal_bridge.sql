-- Which deal and which order line is in which step of which year: what deal_bridge adds up, by delivered line.
with
    bridge_rows as (
        {% for basis in var("bases") %}
            select *, '{{ basis }}' as basis
            from ({{ bridge_rows(basis) }}) as bridge_rows
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    steps as (
        {% for step, is_total, year, amount, condition in bridge_steps() %}
            select
                {{ year }} as fiscal_year,
                basis,
                '{{ step }}' as bridge_step,
                {{ amount }} as bridge_amount,
                won_amount,
                delivered_opportunity_id,
                order_line_id
            from bridge_rows
            where {{ condition }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    steps.fiscal_year,
    steps.basis,
    steps.bridge_step,
    cast(steps.bridge_amount as decimal(18, 4)) as bridge_amount,
    'order_line' as entity,
    lines.booked_amount as local_amount,
    lines.currency,
    lines.fx_rate_id,
    {{ month_on("lines.ordered_on") }} as month_on,
    {%- for basis in var("bases") %}
        {% if loop.first %}
            case steps.basis
        {% endif %}
            when '{{ basis }}'
            then
                cast(
                    lines.{{ based("revenue_amount", basis) }}
                    + lines.{{ based("partner_reporting_amount", basis) }} as decimal(18, 4)
                )
    {%- endfor %} end as reporting_amount,
    lines._file,
    lines._line
from steps
inner join {{ ref("core_order_line") }} as lines on steps.order_line_id = lines.order_line_id
where steps.bridge_amount <> 0
union all
select
    steps.fiscal_year,
    steps.basis,
    steps.bridge_step,
    cast(steps.bridge_amount as decimal(18, 4)),
    'opportunity',
    deals.opportunity_amount,
    deals.currency,
    rates.fx_rate_id,
    {{ month_on("deals.closed_on") }},
    steps.won_amount,
    told._file,
    told._line
from steps
inner join {{ ref("fct_opportunity") }} as deals on steps.delivered_opportunity_id = deals.delivered_opportunity_id
inner join {{ latest("opportunity") }} as told on steps.delivered_opportunity_id = told.opportunity_id
left join
    {{ ref("core_fx_day") }} as rates
    on deals.currency = rates.currency
    and {{ rate_day("deals.closed_on") }} = rates.day_on
where steps.bridge_amount <> 0
