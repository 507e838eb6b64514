with
    goals as (select * from {{ ref("core_goal") }}),

    reps as (select crm_user_id, rep_name from {{ ref("dim_rep") }}),

    teams as (select team_id, team_name from {{ ref("dim_team") }}),

    territories as (select territory_id, territory_name from {{ ref("dim_territory") }})

select
    goals.goal_id,
    goals.goal_version,
    goals.owner_type,
    goals.owner_id,
    case
        goals.owner_type
        when 'rep'
        then coalesce(reps.rep_name, 'unknown')
        when 'team'
        then coalesce(teams.team_name, goals.owner_id)
        when 'territory'
        then coalesce(nullif(territories.territory_name, 'unknown'), goals.owner_id)
        else {{ text_literal(var("company_name")) }}
    end as owner_name,
    goals.metric,
    goals.period_start_on,
    goals.period_end_on,
    goals.set_on,
    goals.approved_by,
    goals.acknowledged_on,
    goals.reason,
    goals.full_target_amount,
    goals.ramp_pct,
    goals.target_amount
from goals
left join reps on {{ key_where("goals.owner_type = 'rep'", "goals.owner_id") }} = reps.crm_user_id
left join teams on {{ key_where("goals.owner_type = 'team'", "goals.owner_id") }} = teams.team_id
left join territories on {{ key_where("goals.owner_type = 'territory'", "goals.owner_id") }} = territories.territory_id
