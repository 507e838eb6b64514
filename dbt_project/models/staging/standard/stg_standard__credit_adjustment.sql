{{ stage_standard("credit_adjustment") }}
