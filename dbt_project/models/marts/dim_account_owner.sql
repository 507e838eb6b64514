select account_id, crm_user_id, valid_from_on, valid_to_on from {{ ref("core_account_owner") }}
