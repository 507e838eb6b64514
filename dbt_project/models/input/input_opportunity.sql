{{ input_rows("opportunity", ["standard"]) }}
