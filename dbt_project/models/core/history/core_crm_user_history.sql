{{ history("crm_user") }}
