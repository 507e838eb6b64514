{{ stage_standard("order_line") }}
