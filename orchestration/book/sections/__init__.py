"""The page's sections, one module each: a title that says what the figures say, charts, tables, notes.

Belongs here: choosing and wording. Doesn't: SQL, drawing, HTML.
"""
