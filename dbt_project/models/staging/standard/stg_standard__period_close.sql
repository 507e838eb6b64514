{{ stage_standard("period_close") }}
