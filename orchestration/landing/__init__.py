"""Delivered files -> raw: what is declared, how a file is read, what is rejected, and the ledger of deliveries."""
