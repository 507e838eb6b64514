{{ input_rows("crm_user", ["standard", "adventureworks"]) }}
