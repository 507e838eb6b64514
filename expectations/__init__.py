"""Quality gates: Great Expectations suites on what is delivered and on what is published, in one session before publication.

Belongs here: what must hold of the data, why, and what happens if it doesn't. Doesn't: tests of our own rules (dbt, pytest).
"""
