{{ input_rows("fiscal_calendar", ["standard"]) }}
