with
    goals as (select * from {{ ref("fct_goal") }}),

    targets as (
        select goal_id, goal_version, {{ in_bases(["target_amount"]) | join(", ") }} from {{ ref("core_goal") }}
    ),

    reached as (select * from {{ ref("core_goal_reached") }}),

    bases as ({{ basis_rows() }}),

    attained as (
        select
            goals.goal_id,
            goals.goal_version,
            reached.lens,
            bases.basis,
            goals.owner_type,
            goals.owner_id,
            goals.owner_name,
            goals.metric,
            goals.period_start_on,
            goals.period_end_on,
            goals.set_on,
            {{ of_basis("target_amount", "targets") }} as target_amount,
            cast(
                case
                    goals.metric
                    when 'revenue'
                    then {{ of_basis("revenue_amount", "reached") }}
                    when 'gross_margin'
                    then {{ of_basis("gross_margin_amount", "reached") }}
                    when 'new_customers'
                    then reached.new_customers
                end as decimal(18, 4)
            ) as actual_amount
        from goals
        inner join targets on goals.goal_id = targets.goal_id and goals.goal_version = targets.goal_version
        inner join reached on goals.goal_id = reached.goal_id and goals.goal_version = reached.goal_version
        cross join bases
    )

select
    goal_id,
    goal_version,
    lens,
    basis,
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
