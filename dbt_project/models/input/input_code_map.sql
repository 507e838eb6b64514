{{ input_rows("code_map", ["standard"]) }}
