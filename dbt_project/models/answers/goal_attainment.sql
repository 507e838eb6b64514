-- What each goal's owner had reached within its period, up to the as-of date. Sales count in the team that the rep
-- was in then.
with
    goals as (select * from {{ ref("fct_goal") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    sold as (
        select
            sales.day_on,
            sales.crm_user_id,
            groups.team_id,
            sales.revenue_amount,
            sales.gross_margin_amount,
            0 as new_customers
        from {{ ref("core_sale_day") }} as sales
        inner join groups on sales.crm_user_id = groups.crm_user_id and sales.day_on = groups.day_on
    ),

    won as (
        select
            acquisitions.acquired_on,
            acquisitions.acquiring_crm_user_id,
            groups.team_id,
            cast(0 as decimal(18, 4)),
            cast(0 as decimal(18, 4)),
            1
        from {{ ref("core_acquisition") }} as acquisitions
        inner join
            groups
            on acquisitions.acquiring_crm_user_id = groups.crm_user_id
            and acquisitions.acquired_on = groups.day_on
    ),

    events as (
        select *
        from sold
        union all
        select *
        from won
    ),

    owned as (
        select 'rep' as owner_type, crm_user_id as owner_id, events.*
        from events
        union all
        select 'team', team_id, events.*
        from events
        union all
        select 'company', 'company', events.*
        from events
    ),

    reached as (
        select
            goals.goal_id,
            goals.goal_version,
            {{ sum_amount("owned.revenue_amount") }} as revenue_amount,
            {{ sum_if_all_known("coalesce(owned.gross_margin_amount, case when owned.owner_id is null then 0 end)") }}
            as gross_margin_amount,
            coalesce(sum(owned.new_customers), 0) as new_customers
        from goals
        left join
            owned
            on goals.owner_type = owned.owner_type
            and goals.owner_id = owned.owner_id
            and owned.day_on >= goals.period_start_on
            and owned.day_on < goals.period_end_on
        group by 1, 2
    ),

    attained as (
        select
            goals.*,
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
    'as_sold' as lens,
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
    cast(null as double) as probability_when_set
from attained
