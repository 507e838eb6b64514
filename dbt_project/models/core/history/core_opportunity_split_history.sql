{{ history("opportunity_split") }}
