{{ stage_standard("account") }}
