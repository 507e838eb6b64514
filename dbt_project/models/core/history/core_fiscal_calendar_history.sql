{{ history("fiscal_calendar") }}
