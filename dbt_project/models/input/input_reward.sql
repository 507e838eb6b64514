{{ input_rows("reward", ["standard"]) }}
