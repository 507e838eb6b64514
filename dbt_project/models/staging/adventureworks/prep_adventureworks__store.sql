{{ adventureworks_rows("Store") }}
