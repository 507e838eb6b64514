{{ history("market_potential") }}
