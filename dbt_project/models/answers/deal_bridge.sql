-- Added up by place and years first: what is left to step through is small, however many lines there are.
with
    places as (
        {% for basis in var("bases") %}
            select
                '{{ basis }}' as basis,
                place,
                won_year,
                fiscal_year,
                sum(won_amount) as won_amount,
                sum(at_win_amount) as at_win_amount,
                sum(booked_amount) as booked_amount,
                sum(partner_amount) as partner_amount,
                sum(ended_amount) as ended_amount
            from ({{ bridge_rows(basis) }}) as bridge_rows
            group by 1, 2, 3, 4
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    years as (
        select won_year as fiscal_year, basis
        from places
        union
        select fiscal_year, basis
        from places
    ),

    steps as (
        {% for step, is_total, year, amount, condition in bridge_steps() %}
            select
                {{ year }} as fiscal_year,
                basis,
                '{{ step }}' as bridge_step,
                {{ loop.index }} as step_number,
                {{ is_total | lower }} as is_total,
                {{ amount }} as bridge_amount
            from places
            where {{ condition }}
            union all
            select fiscal_year, basis, '{{ step }}', {{ loop.index }}, {{ is_total | lower }}, 0
            from years
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    fiscal_year,
    basis,
    bridge_step,
    step_number,
    is_total,
    {{ sum_amount("bridge_amount") }} as bridge_amount,
    {{ metrics_used(["tcv", "booked", "partner_share", "early_terminated"]) }} as metric_versions
from steps
group by 1, 2, 3, 4, 5
