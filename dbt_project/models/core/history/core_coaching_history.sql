{{ history("coaching") }}
