-- A seat is a territory that somebody was ever assigned to, or that a goal was set for. Its days are cut wherever a
-- holder
-- comes or goes, so that within a span the same people hold it: one, several, or nobody.
with
    -- An assignment that a snapshot no longer holds was held until then.
    assignments as (
        select
            territory_id,
            crm_user_id,
            assigned_from_on,
            least(coalesce(assigned_to_on, {{ end_of_time() }}), valid_to_on) as assigned_to_on
        from {{ last_known("territory_assignment") }}
    ),

    held as (select * from assignments where assigned_from_on < assigned_to_on),

    cuts as (
        select territory_id, assigned_from_on as cut_on
        from held
        union
        select territory_id, assigned_to_on
        from held
        union
        select owner_id, period_start_on
        from {{ ref("core_goal") }}
        where owner_type = 'territory'
        union
        select owner_id, {{ end_of_time() }}
        from {{ ref("core_goal") }}
        where owner_type = 'territory'
        union
        select territory_id, {{ end_of_time() }}
        from held
    ),

    spans as (
        select
            territory_id,
            cut_on as held_from_on,
            lead(cut_on) over (partition by territory_id order by cut_on) as held_to_on
        from cuts
    ),

    holders as (
        select distinct
            spans.territory_id,
            spans.held_from_on,
            spans.held_to_on,
            coalesce(held.crm_user_id, 'unknown') as crm_user_id
        from spans
        left join
            held
            on spans.territory_id = held.territory_id
            and held.assigned_from_on <= spans.held_from_on
            and spans.held_from_on < held.assigned_to_on
        where spans.held_to_on is not null
    )

select
    territory_id,
    held_from_on,
    held_to_on,
    crm_user_id,
    case
        when crm_user_id = 'unknown' then 0 else count(*) over (partition by territory_id, held_from_on)
    end as holder_count
from holders
