{{ adventureworks_rows("SalesOrderHeaderSalesReason") }}
