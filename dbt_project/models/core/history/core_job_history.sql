{{ history("job") }}
