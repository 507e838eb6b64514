{{ stage_standard("fiscal_calendar") }}
