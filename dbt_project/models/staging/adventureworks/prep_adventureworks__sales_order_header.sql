{{ adventureworks_rows("SalesOrderHeader") }}
