{{ history("decision") }}
