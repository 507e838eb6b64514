{{ input_rows("decision", ["standard"]) }}
