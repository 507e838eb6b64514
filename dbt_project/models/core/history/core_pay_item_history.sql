{{ history("pay_item") }}
