{{ adventureworks_rows("Department") }}
