{{ config(pre_hook="{{ keep_before() }}") }}
-- Which CRM users are one rep: those of one employee, and those whom the crosswalk says to be one. Their id is that of
-- the user who was known first, for ever, unless the crosswalk names another.
with recursive
    users as (
        select crm_user_id, min(known_from_on) as first_known_on
        from {{ ref("core_crm_user_history") }}
        group by crm_user_id
    ),

    matches as (select crm_user_id, employee_number, match_basis from {{ ref("core_user_employee") }}),

    kept as (
        select crosswalk.from_id, crosswalk.to_id
        from {{ ref("core_crosswalk") }} as crosswalk
        inner join users on crosswalk.to_id = users.crm_user_id
        where crosswalk.id_kind = 'crm_user'
    ),

    -- A user of the crosswalk whom the CRM never delivered is a rep too, by the id that figures show.
    known as (
        select crm_user_id, first_known_on
        from users
        union all
        select kept.from_id, {{ end_of_time() }}
        from kept
        left join users on kept.from_id = users.crm_user_id
        where users.crm_user_id is null
    ),

    links as (
        select ours.crm_user_id, theirs.crm_user_id as linked_crm_user_id
        from matches as ours
        inner join matches as theirs on ours.employee_number = theirs.employee_number
        union
        select from_id, to_id
        from kept
        union
        select to_id, from_id
        from kept
    ),

    reached as (
        select crm_user_id, crm_user_id as reached_crm_user_id
        from known
        union
        select reached.crm_user_id, links.linked_crm_user_id
        from reached
        inner join links on reached.reached_crm_user_id = links.crm_user_id
    ),

    ranked as (
        select
            reached.crm_user_id as delivered_crm_user_id,
            reached.reached_crm_user_id as crm_user_id,
            row_number() over (
                partition by reached.crm_user_id
                order by
                    case when kept.from_id is null then 0 else 1 end, known.first_known_on, reached.reached_crm_user_id
            ) as place
        from reached
        inner join known on reached.reached_crm_user_id = known.crm_user_id
        left join kept on reached.reached_crm_user_id = kept.from_id
    ),

    bases as (
        select
            crm_user_id,
            min(case match_basis when 'crosswalk' then 1 when 'employee number' then 2 else 3 end) as basis_place
        from matches
        group by crm_user_id
    )

select
    ranked.delivered_crm_user_id,
    ranked.crm_user_id,
    case
        when kept.from_id is not null or bases.basis_place = 1
        then 'crosswalk'
        when bases.basis_place = 2
        then 'employee number'
        when bases.basis_place = 3
        then 'e-mail'
        else 'none'
    end as match_basis
from ranked
left join kept on ranked.delivered_crm_user_id = kept.from_id
left join bases on ranked.delivered_crm_user_id = bases.crm_user_id
where ranked.place = 1
