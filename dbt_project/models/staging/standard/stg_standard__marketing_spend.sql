{{ stage_standard("marketing_spend") }}
