{{ input_rows("allocation_rule", ["standard"]) }}
