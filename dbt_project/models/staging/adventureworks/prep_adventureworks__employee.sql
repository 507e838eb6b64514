{{ adventureworks_rows("Employee") }}
