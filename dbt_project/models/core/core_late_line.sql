-- What was first told of a closed month after it was closed: pay of several months in each of them. A line that was
-- known before, and only corrected since, is
-- not late. Few are: only their keys are looked for in the histories. Absences, jobs, splits and rules reach over days:
-- of them it is late what now says something of a day of the month that was not believed when it was closed.
{% set days = {
    "order_line": "ordered_on", "credit_adjustment": "ordered_on", "pay_item": "period_start_on", "expense_line": "spent_on",
    "cost_pool": "month_on", "coaching": "session_on", "marketing_spend": "month_on",
} %}
{#- What of an entity that reaches over days moves a figure, from when to when. -#}
{% set spans = {
    "absence": {"from": "starts_on", "to": "ends_on", "says": ["ends_on", "is_paid", "absence_pct"]},
    "job": {"from": "valid_from_on", "to": "valid_to_on", "says": ["rep_role", "full_time_pct", "manager_employee_number", "team_id", "cost_centre"]},
    "allocation_rule": {"from": "valid_from_on", "to": "valid_to_on", "says": ["allocation_key", "pool_pct"]},
} %}
with
    closes as (select * from {{ ref("core_period_close") }}),

    -- With the first day in the month, or period, from which on what is counted by months may be of it.
    closed_parts as (
        select
            *,
            case
                when {{ part_on("month_on") }} = month_on then month_on else {{ add_months(month_on("month_on"), 1) }}
            end as part_on
        from closes
    ),

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
            {% if entity == "pay_item" %}
                union all
                select {{ columns_of("told", key) }}, told._file, told._line, closes.month_on, closes.closed_on
                from
                    (
                        select *, {{ pay_to_on() }} as pay_to_on
                        from {{ latest(entity) }} as items
                        {% if not fiscal_cuts() %}
                            where {{ pay_to_on() }} > {{ add_months(month_on("period_start_on"), 1) }}
                        {% endif %}
                    ) as told
                inner join
                    closed_parts as closes
                    on told.known_from_on > closes.closed_on
                    and told.period_start_on < closes.month_on
                    and closes.part_on < closes.next_month_on
                    and closes.part_on < told.pay_to_on
            {% endif %}
        ),

        {{ entity }}_first as (
            select {{ columns_of("history", key) }}, min(history.known_from_on) as known_from_on
            from {{ ref("core_" ~ entity ~ "_history") }} as history
            inner join {{ entity }}_candidates as candidates on {{ same("history", "candidates", key) }}
            group by {{ columns_of("history", key) }}
        ){{ "," if not loop.last }}
    {% endfor %},

    {% for entity, span in spans.items() %}
        {%- set key = contract_key(entity) %}
        {{ entity }}_now as (
            select
                {{ columns_of("told", key) }},
                {{ columns_of("told", span.says) }},
                told._file,
                told._line,
                told.known_from_on,
                -- A first job holds since ever; whoever was hired later had none before it began.
                {% if entity == "job" %} greatest(told.valid_from_on, told.begun_on) as from_on,
                {% else %} told.{{ span.from }} as from_on,
                {% endif %}
                coalesce(told.{{ span.to }}, {{ end_of_time() }}) as to_on
            from {{ latest(entity) if entity == "absence" else now_known(entity) }} as told
            {% if entity == "absence" %} where {{ is_long_leave("told.absence_type") }} {% endif %}
        ),

        {{ entity }}_reaching as (
            select told.*, closes.month_on, closes.next_month_on, closes.closed_on
            from {{ entity }}_now as told
            inner join
                closes
                on told.known_from_on > closes.closed_on
                and told.from_on < closes.next_month_on
                and told.to_on > closes.month_on
        ),

        {{ entity }}_believed as (
            select *
            from {{ ref("core_" ~ entity ~ "_history") }}
            {% if entity == "absence" %} where valid_to_on = {{ end_of_time() }} {% endif %}
        ),

        {{ entity }}_late as (
            select reaching.*
            from {{ entity }}_reaching as reaching
            left join
                {{ entity }}_believed as believed
                on {{ same("reaching", "believed", key) }}
                and believed.known_from_on <= reaching.closed_on
                and believed.known_to_on > reaching.closed_on
                {% for name in span.says %}
                    and believed.{{ name }} is not distinct from reaching.{{ name }}
                {% endfor %}
                and believed.{{ span.from }} <= greatest(reaching.from_on, reaching.month_on)
                and coalesce(believed.{{ span.to }}, {{ end_of_time() }})
                >= least(reaching.to_on, reaching.next_month_on)
            where believed.known_from_on is null
        ),
    {% endfor %}

    deals as (select from_id, to_id from {{ ref("core_crosswalk") }} where id_kind = 'opportunity'),

    -- A split moves what was sold of its deal; one that is of no line of a closed month moves nothing there.
    splits as (
        select split.*, coalesce(deals.to_id, split.opportunity_id) as one_opportunity_id
        from {{ now_known("opportunity_split") }} as split
        left join deals on split.opportunity_id = deals.from_id
        where split.known_from_on > (select min(closed_on) from closes)
    ),

    split_reaching as (
        select splits.*, sold.ordered_on, closes.month_on, closes.closed_on
        from splits
        inner join {{ ref("core_order_line") }} as sold on splits.one_opportunity_id = sold.opportunity_id
        inner join
            closes
            on {% if var("fiscal_calendar") -%}
                sold.ordered_on >= closes.month_on and sold.ordered_on < closes.next_month_on
            {%- else -%} {{ month_on("sold.ordered_on") }} = closes.month_on
            {%- endif %} and splits.known_from_on > closes.closed_on
        where splits.valid_from_on <= sold.ordered_on and splits.valid_to_on > sold.ordered_on
    ),

    opportunity_split_late as (
        select reaching.*
        from split_reaching as reaching
        left join
            {{ ref("core_opportunity_split_history") }} as believed
            on {{ same("reaching", "believed", contract_key("opportunity_split")) }}
            and believed.known_from_on <= reaching.closed_on
            and believed.known_to_on > reaching.closed_on
            and believed.split_pct is not distinct from reaching.split_pct
            and believed.valid_from_on <= reaching.ordered_on
            and believed.valid_to_on > reaching.ordered_on
        where believed.known_from_on is null
    )

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
    union all
{% endfor %}
{% for entity in ["absence", "job", "allocation_rule", "opportunity_split"] %}
    select distinct '{{ entity }}', _file, _line, month_on, closed_on, known_from_on, cast(null as decimal(18, 4))
    from {{ entity }}_late
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
