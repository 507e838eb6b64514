{{ history("period_close") }}
