{{ stage_standard("code_map") }}
