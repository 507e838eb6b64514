{{ history("account") }}
