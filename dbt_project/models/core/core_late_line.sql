-- What was first told of a closed month after it was closed. A line that was known before, and only corrected since, is
-- not late. Few are: only their keys are looked for in the histories.
{% set days = {
    "order_line": "ordered_on", "credit_adjustment": "ordered_on", "pay_item": "period_start_on", "expense_line": "spent_on",
    "cost_pool": "month_on", "coaching": "session_on", "marketing_spend": "month_on",
} %}
with
    closes as (select * from {{ ref("core_period_close") }}),

    lines as (select order_line_id, ordered_on, revenue_amount from {{ ref("core_order_line") }}),

    {% for entity, day in days.items() %}
        {%- set key = contract_key(entity) %}
        {%- set dated = ("lines." if entity == "credit_adjustment" else "told.") ~ day %}
        {{ entity }}_candidates as (
            select {{ columns_of("told", key) }}, told._file, told._line, closes.month_on, closes.closed_on
            from {{ latest(entity) }} as told
            -- An adjustment is of the day of its sale.
            {% if entity == "credit_adjustment" %}
                inner join lines on told.order_line_id = lines.order_line_id
            {% endif %}
            inner join
                closes
                on {% if var("fiscal_calendar") -%}
                    {{ dated }} >= closes.month_on and {{ dated }} < closes.next_month_on
                {%- else -%} {{ month_on(dated) }} = closes.month_on
                {%- endif %} and told.known_from_on > closes.closed_on
        ),

        {{ entity }}_first as (
            select {{ columns_of("history", key) }}, min(history.known_from_on) as known_from_on
            from {{ ref("core_" ~ entity ~ "_history") }} as history
            inner join {{ entity }}_candidates as candidates on {{ same("history", "candidates", key) }}
            group by {{ columns_of("history", key) }}
        ){{ "," if not loop.last }}
    {% endfor %}

{% for entity in days %}
        {%- set key = contract_key(entity) %}
    select
        '{{ entity }}' as entity,
        candidates._file,
        candidates._line,
        candidates.month_on,
        candidates.closed_on,
        first_told.known_from_on,
        {% if entity == "order_line" %} lines.revenue_amount
        {% else %} cast(null as decimal(18, 4)) as revenue_amount
        {% endif %}
    from {{ entity }}_candidates as candidates
    inner join {{ entity }}_first as first_told on {{ same("candidates", "first_told", key) }}
    {% if entity == "order_line" %} inner join lines on candidates.order_line_id = lines.order_line_id {% endif %}
    where first_told.known_from_on > candidates.closed_on
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
