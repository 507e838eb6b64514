{{ input_rows("territory_assignment", ["standard", "adventureworks"]) }}
