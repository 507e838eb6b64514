{{ history("order_line") }}
