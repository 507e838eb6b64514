"""The warehouse: one private DuckDB file that dbt fills from raw, and that can be deleted at any time.

Belongs here: running dbt in this process, what its manifest says about the models. Doesn't: Dagster, rules of figures.
"""
