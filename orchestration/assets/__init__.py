"""The Dagster assets, one short file a layer: what is made from what, who answers for it, and how each is run.

Belongs here: specs and the ops that call the other rooms. Doesn't: how a file is read, a model built, a suite run.
"""
