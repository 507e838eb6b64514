{{ stage_standard("opportunity") }}
