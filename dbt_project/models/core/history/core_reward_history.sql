{{ history("reward") }}
