{{ stage_standard("crm_user") }}
