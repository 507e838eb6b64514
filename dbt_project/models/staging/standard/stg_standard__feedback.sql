{{ stage_standard("feedback") }}
