{{ input_rows("pay_item", ["standard", "adventureworks"]) }}
