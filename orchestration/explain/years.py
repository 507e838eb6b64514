"""The yearly views show cells of the answers that they are made of: which one.

Belongs here: a view's column → the answer's column and reading. Doesn't: finding rows (`cell`).
"""

import re
from typing import TYPE_CHECKING

from orchestration.explain.cell import Cell, find_cell
from orchestration.publication.manifest import Publication

if TYPE_CHECKING:
    import duckdb

_VIEWS = {"rep_year": "rep_value", "group_year": "group_value", "segment_year": "segment_value"}
_COHORT = re.compile(r"(?:is_)?cohort_(12|24|36|to_date)_(amount|ratio|mature)")
_COLUMNS = {"amount": "value_amount", "ratio": "value_ratio", "mature": "is_mature"}


def base_cell(connection: "duckdb.DuckDBPyConnection", publication: Publication, cell: Cell) -> Cell:
    """The cell that a yearly view shows; any other cell is its own."""
    if cell.table not in _VIEWS or cell.column in cell.key:
        return cell
    column, reading, age = _shown(cell.column)
    defaults = {"lens": "as_sold", "basis": "nominal", "value_measure": "revenue"}
    key = {name: str(value) for name, value in cell.key.items()} | {"reading": reading, "age_months": age} | defaults
    return find_cell(connection, publication, _VIEWS[cell.table], column, key)


def _shown(column: str) -> tuple[str, str, str]:
    """The answer's column, its reading and age."""
    cohort = _COHORT.fullmatch(column)
    if cohort:
        return _COLUMNS[cohort[2]], "cohort", "" if cohort[1] == "to_date" else cohort[1]
    if column.startswith("book_"):
        return _COLUMNS[column.removeprefix("book_")], "book", ""
    if column == "customers_acquired":
        return column, "cohort", ""
    return column.removeprefix("year_"), "year", ""
