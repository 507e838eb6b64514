{{ stage_standard("employee") }}
