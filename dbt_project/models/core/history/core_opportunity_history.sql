{{ history("opportunity") }}
