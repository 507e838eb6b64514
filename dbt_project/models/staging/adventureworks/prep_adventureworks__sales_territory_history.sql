{{ adventureworks_rows("SalesTerritoryHistory") }}
