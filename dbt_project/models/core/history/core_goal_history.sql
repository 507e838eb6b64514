{{ history("goal") }}
