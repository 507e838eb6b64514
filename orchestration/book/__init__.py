"""What people look at: the published page and its charts.

Belongs here: reading the published tables, wording, drawing, the page. Doesn't: computing an answer (that is the models' work), publishing.
"""
