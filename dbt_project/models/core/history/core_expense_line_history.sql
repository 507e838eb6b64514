{{ history("expense_line") }}
