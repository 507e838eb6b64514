{{ history("allocation_rule") }}
