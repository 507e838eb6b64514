{{ stage_standard("decision") }}
