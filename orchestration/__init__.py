"""Repledger: a batch warehouse for sales performance over many years."""
