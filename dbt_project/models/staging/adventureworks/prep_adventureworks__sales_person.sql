{{ adventureworks_rows("SalesPerson") }}
