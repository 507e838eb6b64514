-- In which team, under which manager and in which territory a rep was, a span of days at a time.
with
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

    days as (
        select crm_user_id, valid_from_on as day_on
        from users
        union
        select crm_user_id, assigned_from_on
        from seats
        union
        select crm_user_id, assigned_to_on
        from seats
        union
        select crm_user_id, {{ beginning_of_time() }}
        from users
        union
        select crm_user_id, {{ beginning_of_time() }}
        from seats
    ),

    spans as (
        select
            crm_user_id,
            day_on as valid_from_on,
            lead(day_on, 1, {{ end_of_time() }}) over (partition by crm_user_id order by day_on) as valid_to_on
        from days
        where day_on < {{ end_of_time() }}
    ),

    seated as (
        select spans.crm_user_id, spans.valid_from_on, min(seats.territory_id) as territory_id
        from spans
        inner join
            seats
            on spans.crm_user_id = seats.crm_user_id
            and spans.valid_from_on >= seats.assigned_from_on
            and spans.valid_from_on < seats.assigned_to_on
        group by 1, 2
    )

select
    spans.crm_user_id,
    spans.valid_from_on,
    spans.valid_to_on,
    coalesce(users.team_id, 'unknown') as team_id,
    coalesce(users.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(seated.territory_id, 'unknown') as territory_id
from spans
left join
    users
    on spans.crm_user_id = users.crm_user_id
    and spans.valid_from_on >= users.valid_from_on
    and spans.valid_from_on < users.valid_to_on
left join seated on spans.crm_user_id = seated.crm_user_id and spans.valid_from_on = seated.valid_from_on
