{{ input_rows("price_index", ["standard"]) }}
