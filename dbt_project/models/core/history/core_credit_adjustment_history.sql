{{ history("credit_adjustment") }}
