"""What others read: a finished night, published at once or not at all.

Belongs here: writing the tables, the manifest, the flip of the one link. Doesn't: computing a figure, drawing the page.
"""
