{{ stage_standard("allocation_rule") }}
