{{ stage_standard("correction") }}
