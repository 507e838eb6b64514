{{ input_rows("crosswalk", ["standard"]) }}
