{{ stage_standard("crosswalk") }}
