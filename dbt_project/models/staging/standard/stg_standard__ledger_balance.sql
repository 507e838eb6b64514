{{ stage_standard("ledger_balance") }}
