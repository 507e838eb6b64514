with
    goals as (select * from {{ ref("fct_goal") }}),

    reached as (select * from {{ ref("core_goal_reached") }}),

    attained as (
        select
            goals.*,
            reached.lens,
            cast(
                case
                    goals.metric
                    when 'revenue'
                    then reached.revenue_amount
                    when 'gross_margin'
                    then reached.gross_margin_amount
                    when 'new_customers'
                    then reached.new_customers
                end as decimal(18, 4)
            ) as actual_amount
        from goals
        inner join reached on goals.goal_id = reached.goal_id and goals.goal_version = reached.goal_version
    )

select
    goal_id,
    goal_version,
    lens,
    owner_type,
    case when owner_type = 'rep' then owner_id end as crm_user_id,
    owner_name,
    metric,
    period_start_on,
    period_end_on,
    set_on,
    target_amount,
    actual_amount,
    {{ percent("actual_amount", "target_amount") }} as attainment_pct,
    cast(null as double) as probability_when_set,
    concat(
        '{{ metric_used("attainment") }}',
        case
            metric
            {%- for measured in ["revenue", "gross_margin"] %}
                when '{{ measured }}' then ', {{ metric_used(measured) }}'
            {%- endfor %}
            else ''
        end
    ) as metric_versions
from attained
