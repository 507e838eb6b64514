{{ stage_standard("payment") }}
