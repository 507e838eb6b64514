{{ stage_standard("job") }}
