{{ input_rows("payment", ["standard"]) }}
