select territory_id, held_from_on, crm_user_id, held_to_on, holder_count from {{ ref("core_seat_span") }}
