{{ history("crosswalk") }}
