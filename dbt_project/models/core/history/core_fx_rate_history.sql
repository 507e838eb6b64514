{{ history("fx_rate") }}
