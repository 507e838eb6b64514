{{ stage_standard("coaching") }}
