{{ history("employee") }}
