{{ input_rows("employee", ["standard", "adventureworks"]) }}
