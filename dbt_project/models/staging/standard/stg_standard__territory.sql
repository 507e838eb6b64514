{{ stage_standard("territory") }}
