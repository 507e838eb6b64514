{{ input_rows("period_close", ["standard"]) }}
