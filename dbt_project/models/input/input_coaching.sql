{{ input_rows("coaching", ["standard"]) }}
