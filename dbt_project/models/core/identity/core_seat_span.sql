-- A seat is a territory that somebody was ever assigned to, or that a goal was set for. Its days are cut wherever a
-- holder comes or goes, so that within a span the same people hold it: one, several, or nobody.
with
    -- An assignment that a snapshot no longer holds was held until then.
    assignments as (
        select
            territory_id,
            crm_user_id,
            assigned_from_on,
            least(coalesce(assigned_to_on, {{ end_of_time() }}), valid_to_on) as assigned_to_on
        from {{ ref("core_seat") }}
    ),

    held as (select * from assignments where assigned_from_on < assigned_to_on),

    seats as (
        select territory_id, min(known_from_on) as known_from_on
        from
            (
                select territory_id, assigned_from_on as known_from_on
                from held
                union all
                select owner_id, period_start_on
                from {{ ref("core_goal") }}
                where owner_type = 'territory'
            ) as mentions
        group by territory_id
    ),

    cuts as (
        select territory_id, known_from_on as cut_on
        from seats
        union
        select territory_id, assigned_from_on
        from held
        union
        select territory_id, assigned_to_on
        from held
        union
        select territory_id, {{ end_of_time() }}
        from seats
    ),

    pieces as (
        select
            territory_id,
            cut_on as held_from_on,
            lead(cut_on) over (partition by territory_id order by cut_on) as held_to_on
        from cuts
    ),

    holders as (
        select distinct
            pieces.territory_id,
            pieces.held_from_on,
            pieces.held_to_on,
            coalesce(held.crm_user_id, 'unknown') as crm_user_id
        from pieces
        left join
            held
            on pieces.territory_id = held.territory_id
            and held.assigned_from_on <= pieces.held_from_on
            and pieces.held_from_on < held.assigned_to_on
        where pieces.held_to_on is not null
    ),

    -- A day on which one assignment of the same people follows another is no change.
    staying as (
        select later.territory_id, later.held_from_on, count(*) as staying_count
        from holders as earlier
        inner join
            holders as later
            on earlier.territory_id = later.territory_id
            and earlier.held_to_on = later.held_from_on
            and earlier.crm_user_id = later.crm_user_id
        group by 1, 2
    ),

    counted as (select territory_id, held_from_on, held_to_on, count(*) as holder_count from holders group by 1, 2, 3),

    compared as (
        select
            counted.*,
            case
                when
                    staying.staying_count = counted.holder_count
                    and staying.staying_count
                    = lag(counted.holder_count) over (partition by counted.territory_id order by counted.held_from_on)
                then 0
                else 1
            end as is_change
        from counted
        left join staying on counted.territory_id = staying.territory_id and counted.held_from_on = staying.held_from_on
    ),

    numbered as (
        select
            *,
            sum(is_change) over (
                partition by territory_id order by held_from_on rows unbounded preceding
            ) as span_number
        from compared
    ),

    spans as (
        select
            territory_id,
            min(held_from_on) as held_from_on,
            max(held_to_on) as held_to_on,
            min(holder_count) as holder_count
        from numbered
        group by territory_id, span_number
    )

select
    spans.territory_id,
    spans.held_from_on,
    spans.held_to_on,
    holders.crm_user_id,
    case when holders.crm_user_id = 'unknown' then 0 else spans.holder_count end as holder_count
from spans
inner join holders on spans.territory_id = holders.territory_id and spans.held_from_on = holders.held_from_on
