{{ input_rows("account", ["standard", "adventureworks"]) }}
