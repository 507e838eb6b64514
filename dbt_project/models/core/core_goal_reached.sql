-- What each goal's owner had reached within its period, up to the as-of date, through each lens. As sold, sales
-- count for who sold them, in the team that the rep was in then and in the territory of the order. Through the
-- other lenses they count for who owned the account at the period's end, or owns it now, and for that rep's team
-- and territory on that day. Who won a customer is fixed: a lens moves the winner's groups alone.
with
    goals as (select * from {{ ref("core_goal") }}),

    groups as (select * from {{ ref("core_rep_group") }}),

    territory_days as (select * from {{ ref("core_territory_day") }}),

    sold as (
        select sales.day_on, sales.crm_user_id, groups.team_id, {{ sale_values("sales") }}, 0 as new_customers
        from {{ ref("core_sale_day") }} as sales
        inner join groups on sales.crm_user_id = groups.crm_user_id and sales.day_on = groups.day_on
    ),

    won as (
        select acquisitions.acquired_on, acquisitions.acquiring_crm_user_id, groups.team_id, {{ no_sale_values() }}, 1
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

    owned_events as (
        select 'rep' as owner_type, crm_user_id as owner_id, day_on, {{ sale_values() }}, new_customers
        from events
        union all
        select 'team', team_id, day_on, {{ sale_values() }}, new_customers
        from events
        union all
        select 'company', 'company', day_on, {{ sale_values() }}, new_customers
        from events
        union all
        select 'territory', territory_id, day_on, {{ sale_values() }}, new_customers
        from territory_days
    ),

    as_sold as (
        select
            goals.goal_id,
            goals.goal_version,
            'as_sold' as lens,
            owned_events.owner_id,
            {{ sale_values("owned_events") }},
            owned_events.new_customers
        from goals
        left join
            owned_events
            on goals.owner_type = owned_events.owner_type
            and goals.owner_id = owned_events.owner_id
            and owned_events.day_on >= goals.period_start_on
            and owned_events.day_on < goals.period_end_on
    ),

    read_wins as (
        select
            lenses.lens,
            days.period_start_on,
            days.period_end_on,
            case when lenses.lens = 'as_was' then days.last_day_on else {{ add_days(as_of_on(), -1) }} end as read_on,
            acquisitions.acquiring_crm_user_id as crm_user_id,
            count(*) as new_customers
        from {{ ref("core_acquisition") }} as acquisitions
        inner join {{ ref("core_period_day") }} as days on acquisitions.acquired_on = days.day_on
        cross join
            (
                select 'as_was' as lens
                union all
                select 'as_is'
            ) as lenses
        group by 1, 2, 3, 4, 5
    ),

    reads as (
        select lens, period_start_on, period_end_on, read_on, crm_user_id, {{ sale_values() }}, 0 as new_customers
        from {{ ref("core_owned_sale") }}
        union all
        select lens, period_start_on, period_end_on, read_on, crm_user_id, {{ no_sale_values() }}, new_customers
        from read_wins
    ),

    grouped_reads as (
        select reads.*, groups.team_id, groups.manager_crm_user_id, groups.territory_id
        from reads
        inner join groups on reads.crm_user_id = groups.crm_user_id and reads.read_on = groups.day_on
    ),

    held_reads as (
        {{
            held_by_each(
                "grouped_reads",
                "lens, period_start_on, period_end_on, " ~ sale_values() ~ ", new_customers",
            )
        }}
    ),

    as_read as (
        select
            goals.goal_id,
            goals.goal_version,
            lenses.lens,
            held_reads.holder_id,
            {{ sale_values("held_reads") }},
            held_reads.new_customers
        from goals
        cross join
            (
                select 'as_was' as lens
                union all
                select 'as_is'
            ) as lenses
        left join
            held_reads
            on lenses.lens = held_reads.lens
            and goals.owner_type = held_reads.holder_type
            and goals.owner_id = held_reads.holder_id
            and goals.period_start_on = held_reads.period_start_on
            and goals.period_end_on = held_reads.period_end_on
    ),

    through_each as (
        select *
        from as_sold
        union all
        select *
        from as_read
    )

select
    goal_id,
    goal_version,
    lens,
    {%- for basis in var("bases") %}
        {{ sum_amount(based("revenue_amount", basis)) }} as {{ based("revenue_amount", basis) }},
        {{ sum_if_all_known("coalesce(" ~ based("gross_margin_amount", basis) ~ ", case when owner_id is null then 0 end)") }}
        as {{ based("gross_margin_amount", basis) }},
    {%- endfor %}
    coalesce(sum(new_customers), 0) as new_customers
from through_each
group by 1, 2, 3
