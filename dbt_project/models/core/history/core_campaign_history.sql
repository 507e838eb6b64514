{{ history("campaign") }}
