-- In which team, under which manager and in which territory a rep was on each day that a figure needs.
with
    happened as (
        select crm_user_id, day_on
        from {{ ref("core_sale_day") }}
        union
        select acquiring_crm_user_id, acquired_on
        from {{ ref("core_acquisition") }}
        union
        select owner_crm_user_id, last_day_on
        from {{ ref("core_book") }}
        union
        select costs.crm_user_id, months.last_day_on
        from {{ ref("core_rep_cost") }} as costs
        inner join {{ ref("core_month") }} as months on costs.month_on = months.month_on
        where costs.crm_user_id is not null
    ),

    -- The days at which the lenses read, for everybody whom they may find.
    members as (
        select crm_user_id
        from happened
        union
        select crm_user_id
        from {{ ref("core_rep") }}
    ),

    read_days as (
        select lens_years.read_on
        from {{ ref("core_lens_year") }} as lens_years
        where lens_years.read_on >= (select min(day_on) from happened)
        union
        select last_day_on
        from {{ ref("core_period_day") }}
    ),

    needed as (
        select crm_user_id, day_on
        from happened
        union
        select members.crm_user_id, read_days.read_on
        from members
        cross join read_days
    ),

    -- Who left the CRM still costs for a while, and belongs where they last did.
    users as (
        select
            crm_user_id,
            team_id,
            manager_crm_user_id,
            valid_from_on,
            coalesce(
                lead(valid_from_on) over (partition by crm_user_id order by valid_from_on, _source), {{ end_of_time() }}
            ) as valid_to_on
        from {{ ref("core_crm_user_span") }}
    ),

    -- A seat that a snapshot no longer holds was held until then.
    seats as (
        select
            territory_id,
            crm_user_id,
            assigned_from_on,
            least(coalesce(assigned_to_on, {{ end_of_time() }}), valid_to_on) as assigned_to_on
        from {{ ref("core_seat") }}
    ),

    seated as (
        select needed.crm_user_id, needed.day_on, min(seats.territory_id) as territory_id
        from needed
        inner join
            seats
            on needed.crm_user_id = seats.crm_user_id
            and needed.day_on >= seats.assigned_from_on
            and needed.day_on < seats.assigned_to_on
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
