{{ stage_standard("price_index") }}
