{{ input_rows("order_line", ["standard", "adventureworks"]) }}
