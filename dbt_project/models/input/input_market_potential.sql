{{ input_rows("market_potential", ["standard"]) }}
