{{ history("code_map") }}
