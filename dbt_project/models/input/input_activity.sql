{{ input_rows("activity", ["standard"]) }}
