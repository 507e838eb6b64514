{{ stage_standard("campaign") }}
