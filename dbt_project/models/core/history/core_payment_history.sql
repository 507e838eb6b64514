{{ history("payment") }}
