{{ adventureworks_rows("Customer") }}
