{{ input_rows("ledger_balance", ["standard"]) }}
