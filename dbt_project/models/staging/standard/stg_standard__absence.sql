{{ stage_standard("absence") }}
