{{ stage_standard("cost_pool") }}
