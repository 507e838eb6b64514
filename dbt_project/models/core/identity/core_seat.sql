-- Who holds which seat, as last said: of one seat that a rep has under two ids, who said it last says
-- how long it was held.
with
    seats as (select * from {{ last_known("territory_assignment") }}),

    identity as (select delivered_crm_user_id, crm_user_id from {{ ref("core_identity") }}),

    ranked as (
        select
            seats.territory_id,
            coalesce(identity.crm_user_id, seats.crm_user_id) as crm_user_id,
            seats.assigned_from_on,
            seats.assigned_to_on,
            seats.valid_to_on,
            row_number() over (
                partition by
                    seats.territory_id, coalesce(identity.crm_user_id, seats.crm_user_id), seats.assigned_from_on
                order by seats.valid_to_on desc, seats.known_from_on desc, seats.crm_user_id
            ) as place
        from seats
        left join identity on seats.crm_user_id = identity.delivered_crm_user_id
    )

select territory_id, crm_user_id, assigned_from_on, assigned_to_on, valid_to_on
from ranked
where place = 1
