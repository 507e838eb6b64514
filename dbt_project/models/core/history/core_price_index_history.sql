{{ history("price_index") }}
