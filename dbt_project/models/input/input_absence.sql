{{ input_rows("absence", ["standard"]) }}
