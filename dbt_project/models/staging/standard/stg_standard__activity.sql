{{ stage_standard("activity") }}
