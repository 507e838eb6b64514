-- In which team, under which manager and in which territory a rep was on each day that a figure needs.
with
    needed as (
        select shares.crm_user_id, lines.ordered_on as day_on
        from {{ ref("core_revenue_share") }} as shares
        inner join {{ ref("core_order_line") }} as lines on shares.order_line_id = lines.order_line_id
        union
        select acquiring_crm_user_id, acquired_on
        from {{ ref("core_acquisition") }}
        union
        select owner_crm_user_id, last_day_on
        from {{ ref("core_customer_month") }}
        union
        select costs.crm_user_id, months.last_day_on
        from {{ ref("core_cost_line") }} as costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        where costs.crm_user_id is not null
    ),

    users as (select * from {{ now_known("crm_user") }}),

    seats as (select * from {{ latest("territory_assignment") }}),

    seated as (
        select needed.crm_user_id, needed.day_on, min(seats.territory_id) as territory_id
        from needed
        inner join
            seats
            on needed.crm_user_id = seats.crm_user_id
            and needed.day_on >= seats.assigned_from_on
            and needed.day_on < coalesce(seats.assigned_to_on, {{ end_of_time() }})
        group by 1, 2
    )

select
    needed.crm_user_id,
    needed.day_on,
    coalesce(users.team_id, 'unknown') as team_id,
    coalesce(users.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(seated.territory_id, 'unknown') as territory_id
from needed
left join
    users
    on needed.crm_user_id = users.crm_user_id
    and needed.day_on >= users.valid_from_on
    and needed.day_on < users.valid_to_on
left join seated on needed.crm_user_id = seated.crm_user_id and needed.day_on = seated.day_on
