{{ input_rows("territory", ["standard", "adventureworks"]) }}
