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
        union
        select crm_user_id, last_day_on
        from {{ ref("core_pay_gap") }}
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
    )

select
    needed.crm_user_id,
    needed.day_on,
    coalesce(spans.team_id, 'unknown') as team_id,
    coalesce(spans.manager_crm_user_id, 'unknown') as manager_crm_user_id,
    coalesce(spans.territory_id, 'unknown') as territory_id
from needed
left join
    {{ ref("core_rep_group_span") }} as spans
    on needed.crm_user_id = spans.crm_user_id
    and needed.day_on >= spans.valid_from_on
    and needed.day_on < spans.valid_to_on
