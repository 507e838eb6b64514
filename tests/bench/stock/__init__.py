"""The pipeline as a team would have it from the documentation: Dagster, which runs dbt as a subprocess.

dagster-dbt is not among the requirements, so `definitions` does in plain Dagster what its `@dbt_assets` and `DbtCliResource` do: one
multi-asset of the manifest's models, `dbt build` in a process of its own, a result a model. Over the same dbt project as Repledger.
Belongs here: that project, and making what it needs. Doesn't: gates and publications, which it has none of.
"""
