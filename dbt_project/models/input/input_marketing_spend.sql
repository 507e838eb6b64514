{{ input_rows("marketing_spend", ["standard"]) }}
