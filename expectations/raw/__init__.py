"""Suites on what was delivered: one file a source area or connector, one suite an entity."""
