{{ stage_standard("fx_rate") }}
