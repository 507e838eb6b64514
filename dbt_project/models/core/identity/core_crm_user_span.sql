-- In which role and team and under which manager somebody was, day by day, whatever their ids were: what was said last
-- is what holds from then on.
with
    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    versions as (
        select
            identity.crm_user_id as one_id,
            users.crm_user_id as own_id,
            users.rep_role,
            users.team_id,
            coalesce(managers.crm_user_id, users.manager_crm_user_id) as manager_crm_user_id,
            users._source,
            users.valid_from_on,
            users.valid_to_on,
            greatest(users.begun_on, users.valid_from_on) as begun_on
        from {{ now_known("crm_user") }} as users
        inner join identity on users.crm_user_id = identity.delivered_crm_user_id
        left join identity as managers on users.manager_crm_user_id = managers.delivered_crm_user_id
    ),

    {{ joined_spans("versions", prefers="shared.begun_on desc") }},

    -- Before a later id there is what an earlier one said last, and not what the later one says first.
    begun as (
        select
            *,
            min(begun_on) over (partition by one_id) as first_begun_on,
            {{ reaching_from_on("crm_user") }} as reaching_from_on
        from joined
    ),

    spans as (
        select
            one_id as crm_user_id,
            rep_role,
            team_id,
            manager_crm_user_id,
            _source,
            case
                when begun_on > first_begun_on then greatest(valid_from_on, begun_on) else reaching_from_on
            end as valid_from_on,
            valid_to_on
        from begun
    )

select *
from spans
where valid_from_on < valid_to_on
