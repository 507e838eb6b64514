{{ adventureworks_rows("SalesReason") }}
