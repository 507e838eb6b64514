{{ history("feedback") }}
