"""The SQLAlchemy dialect through which Great Expectations reads DuckDB: `duckdb+gx:///file`. For reading only.

GX closes a connection between asking and fetching; SQLAlchemy then rolls back, and DuckDB discards the open result.
A reader has no transaction to end, so nothing is sent. Imported late, by name: it brings SQLAlchemy with it.
"""

from typing import Any

import duckdb_sqlalchemy
from sqlalchemy.dialects import registry


class GxDialect(duckdb_sqlalchemy.Dialect):
    """DuckDB without transactions."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Leave open results alone."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Leave open results alone."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Leave open results alone."""


def register() -> None:
    """Make `duckdb+gx:` known to SQLAlchemy."""
    registry.register("duckdb.gx", __name__, GxDialect.__name__)
