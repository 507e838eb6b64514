-- A seat's quota and what was sold on the seat, for whom it counts. First by days: each span of days has its share
-- of the quota, and what the territory sold on its days. Then equally among those who held the seat together.
with
    goals as (select * from {{ ref("core_goal") }} where owner_type = 'territory' and period_start_on < period_end_on),

    spans as (select distinct territory_id, held_from_on, held_to_on from {{ ref("core_seat_span") }}),

    covered as (
        select
            goals.goal_id,
            goals.goal_version,
            goals.metric,
            goals.owner_id as territory_id,
            spans.held_from_on as span_from_on,
            greatest(spans.held_from_on, goals.period_start_on) as held_from_on,
            least(spans.held_to_on, goals.period_end_on) as held_to_on,
            goals.target_amount
        from goals
        inner join
            spans
            on goals.owner_id = spans.territory_id
            and spans.held_from_on < goals.period_end_on
            and goals.period_start_on < spans.held_to_on
    ),

    sold as (
        select
            covered.goal_id,
            covered.goal_version,
            covered.held_from_on,
            cast(
                case
                    covered.metric
                    when 'revenue'
                    then {{ sum_amount("days.revenue_amount") }}
                    when 'gross_margin'
                    then
                        {{
                            sum_if_all_known(
                                "coalesce(days.gross_margin_amount, case when days.day_on is null then 0 end)"
                            )
                        }}
                    when 'new_customers'
                    then coalesce(sum(days.new_customers), 0)
                end as decimal(18, 4)
            ) as actual_amount
        from covered
        left join
            {{ ref("core_territory_day") }} as days
            on covered.territory_id = days.territory_id
            and covered.held_from_on <= days.day_on
            and days.day_on < covered.held_to_on
        group by covered.goal_id, covered.goal_version, covered.held_from_on, covered.metric
    ),

    weighed as (
        select
            covered.*,
            {{ dbt.datediff("covered.held_from_on", "covered.held_to_on", "day") }} as day_count,
            coalesce(sold.actual_amount, 0) as actual_amount,
            sold.actual_amount is not null as is_actual_known
        from covered
        inner join
            sold
            on covered.goal_id = sold.goal_id
            and covered.goal_version = sold.goal_version
            and covered.held_from_on = sold.held_from_on
    ),

    by_days as (
        {{
            allocate(
                "weighed",
                whole=["goal_id", "goal_version"],
                part=["held_from_on"],
                amounts=["target_amount"],
                weight="day_count",
                into=["span_quota_amount"],
            )
        }}
    ),

    shared as (
        select
            by_days.goal_id,
            by_days.goal_version,
            by_days.metric,
            by_days.territory_id,
            by_days.held_from_on,
            by_days.held_to_on,
            by_days.day_count,
            by_days.span_quota_amount,
            by_days.actual_amount,
            by_days.is_actual_known,
            holders.crm_user_id,
            holders.holder_count,
            1 as equal_weight
        from by_days
        inner join
            {{ ref("core_seat_span") }} as holders
            on by_days.territory_id = holders.territory_id
            and by_days.span_from_on = holders.held_from_on
    ),

    by_holders as (
        {{
            allocate(
                "shared",
                whole=["goal_id", "goal_version", "held_from_on"],
                part=["crm_user_id"],
                amounts=["span_quota_amount", "actual_amount"],
                weight="equal_weight",
                into=["quota_amount", "holder_actual_amount"],
            )
        }}
    )

select
    goal_id,
    goal_version,
    held_from_on,
    crm_user_id,
    territory_id,
    held_to_on,
    cast(day_count as integer) as day_count,
    cast(holder_count as integer) as holder_count,
    metric,
    quota_amount,
    case when is_actual_known then holder_actual_amount end as actual_amount
from by_holders
