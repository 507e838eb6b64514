{{ stage_standard("reward") }}
