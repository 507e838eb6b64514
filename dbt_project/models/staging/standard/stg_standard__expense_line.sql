{{ stage_standard("expense_line") }}
