{{ input_rows("campaign", ["standard"]) }}
