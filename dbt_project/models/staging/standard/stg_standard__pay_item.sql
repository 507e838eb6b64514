{{ stage_standard("pay_item") }}
