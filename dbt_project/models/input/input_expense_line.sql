{{ input_rows("expense_line", ["standard"]) }}
