"""The way back from a published figure to the lines that were delivered: `repledger explain`.

Belongs here: finding the cell, the rules and rates that made it, its lines, whether the totals of all steps tie. Doesn't: making
figures. The line by line views that it reads stand in the warehouse (`dbt_project/models/trail`), so an answer and its explanation come
from one build.
"""
