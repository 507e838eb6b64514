{{ stage_standard("market_potential") }}
