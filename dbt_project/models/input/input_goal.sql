{{ input_rows("goal", ["standard", "adventureworks"]) }}
