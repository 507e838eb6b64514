{{ input_rows("fx_rate", ["standard", "ecb"]) }}
