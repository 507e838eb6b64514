{{ input_rows("correction", ["standard"]) }}
