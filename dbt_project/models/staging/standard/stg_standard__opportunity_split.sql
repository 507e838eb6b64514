{{ stage_standard("opportunity_split") }}
