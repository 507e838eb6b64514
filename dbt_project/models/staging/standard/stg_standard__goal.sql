{{ stage_standard("goal") }}
