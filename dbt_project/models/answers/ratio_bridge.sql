with
    pieces as (select * from {{ ref("core_bridge_piece") }}),

    held_pieces as ({{ held_by_each("pieces", "fiscal_year, " ~ bridge_amounts() | join(", ")) }}),

    summed as (
        select
            holder_type,
            holder_id,
            fiscal_year
            {%- for amount in bridge_amounts() %}, {{ sum_amount(amount) }} as {{ amount }} {%- endfor %}
        from held_pieces
        group by 1, 2, 3
    ),

    readings as (
        select holder_type, holder_id, fiscal_year, value_amount, cost_amount
        from {{ ref("core_value_reading") }}
        where
            reading = 'year'
            and lens = 'as_sold'
            and basis = 'nominal'
            and value_measure = 'revenue'
            and holder_type <> 'territory_tree'
    ),

    roles as (select * from {{ ref("core_rep_role") }}),

    -- Both years' costs divide a bridge, so both must be above 0, and the person must have a ratio in both.
    bridges as (
        select
            this.holder_type,
            this.holder_id,
            this.fiscal_year,
            before.value_amount as before_value_amount,
            before.cost_amount as before_cost_amount,
            this.cost_amount,
            before.cost_amount > 0
            and this.cost_amount > 0
            and roles.ratio_withheld_reason is null
            and earlier_roles.ratio_withheld_reason is null as has_ratio
            {%- for amount in bridge_amounts() %}, coalesce(summed.{{ amount }}, 0) as {{ amount }} {%- endfor %}
        from readings as this
        inner join
            readings as before
            on this.holder_type = before.holder_type
            and this.holder_id = before.holder_id
            and this.fiscal_year = before.fiscal_year + 1
        left join
            summed
            on this.holder_type = summed.holder_type
            and this.holder_id = summed.holder_id
            and this.fiscal_year = summed.fiscal_year
        left join
            roles
            on {{ key_where("this.holder_type = 'rep'", "this.holder_id") }} = roles.crm_user_id
            and this.fiscal_year = roles.fiscal_year
        left join
            roles as earlier_roles
            on {{ key_where("this.holder_type = 'rep'", "this.holder_id") }} = earlier_roles.crm_user_id
            and before.fiscal_year = earlier_roles.fiscal_year
        where
            {{ fiscal_year_end_on("this.fiscal_year") }} <= {{ as_of_on() }}
            {{ and_is_as_long_as_the_one_before("this.fiscal_year") }}
    ),

    steps as (
        {%- set reached = ["before_value_amount"] %}
        {% for step in value_steps() -%}
            select
                holder_type,
                holder_id,
                fiscal_year,
                has_ratio,
                {{ loop.index }} as step_number,
                '{{ step }}' as step,
                {{ step }}_amount as value_change_amount,
                {% if step in unit_steps() %} unsplit_{{ step }}_amount
                {% else %} 0
                {% endif %} as unsplit_amount,
                0 as cost_change_amount,
                {{ reached | join(" + ") }} as from_value_amount,
                before_cost_amount as from_cost_amount,
                {%- do reached.append(step ~ "_amount") %}
                {{ reached | join(" + ") }} as to_value_amount,
                before_cost_amount as to_cost_amount
            from bridges
            union all
        {% endfor -%}
        select
            holder_type,
            holder_id,
            fiscal_year,
            has_ratio,
            {{ value_steps() | length + 1 }},
            'cost',
            0,
            0,
            cost_amount - before_cost_amount,
            {{ reached | join(" + ") }},
            before_cost_amount,
            {{ reached | join(" + ") }},
            cost_amount
        from bridges
    ),

    divided as (
        select
            *,
            case when has_ratio then {{ ratio("from_value_amount", "from_cost_amount") }} end as from_ratio,
            case when has_ratio then {{ ratio("to_value_amount", "to_cost_amount") }} end as to_ratio
        from steps
    )

select
    holder_type,
    holder_id,
    fiscal_year,
    step_number,
    step,
    cast(value_change_amount as decimal(18, 4)) as value_change_amount,
    cast(unsplit_amount as decimal(18, 4)) as unsplit_amount,
    cast(cost_change_amount as decimal(18, 4)) as cost_change_amount,
    from_ratio,
    round(to_ratio - from_ratio, 6) as change_ratio,
    to_ratio,
    {{ metrics_used(["revenue", "rep_cost", "value_ratio_year", "ratio_bridge"]) }} as metric_versions
from divided
