{{ input_rows("opportunity_split", ["standard"]) }}
