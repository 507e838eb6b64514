{{ stage_standard("territory_assignment") }}
