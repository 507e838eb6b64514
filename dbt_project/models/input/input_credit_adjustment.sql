{{ input_rows("credit_adjustment", ["standard"]) }}
