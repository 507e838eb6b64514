with
    users as (select * from {{ now_known("crm_user") }} where team_id is not null),

    latest_names as (
        select
            team_id,
            team_name,
            row_number() over (
                partition by team_id
                order by
                    case when team_name is null then 1 else 0 end, valid_to_on desc, valid_from_on desc, crm_user_id
            ) as place
        from users
    )

select team_id, coalesce(team_name, team_id) as team_name
from latest_names
where place = 1 and team_id <> 'unknown'
union all
select 'unknown', 'unknown'
