{{ input_rows("job", ["standard", "adventureworks"]) }}
