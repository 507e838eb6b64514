{{ input_rows("cost_pool", ["standard"]) }}
