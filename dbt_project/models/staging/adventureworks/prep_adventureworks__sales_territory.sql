{{ adventureworks_rows("SalesTerritory") }}
