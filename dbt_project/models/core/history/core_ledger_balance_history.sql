{{ history("ledger_balance") }}
