{{ input_rows("feedback", ["standard"]) }}
