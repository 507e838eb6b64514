{{ history("territory_assignment") }}
