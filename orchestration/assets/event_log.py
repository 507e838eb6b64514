"""Dagster's event log, written through one connection a file: a night has a thousand events.

Belongs here: how the command writes run history. Doesn't: how the UI reads it, which is Dagster's own way.
As it comes, each event opens two SQLite files, compiles its SQL anew and waits for the disk: 300 assets and checks took 8 s of
processor time, and 40 s where the disk was busy. So they take under 4 s. It leans on `_connect`, which the lock pins.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool


class OneConnectionEventLog(SqliteEventLogStorage):
    """The same files and tables as Dagster's own; other processes may read them meanwhile."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "OneConnectionEventLog":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        engines: dict[str, sqlalchemy.Engine] = self.__dict__.setdefault("_engines", {})
        if shard not in engines:
            engine = sqlalchemy.create_engine(self.conn_string_for_shard(shard), poolclass=StaticPool, connect_args={"check_same_thread": False})
            self._initdb(engine)
            self._initialized_dbs.add(shard)
            with engine.connect() as connection:
                # In WAL mode this can lose the last events when the power fails, and never harms the file.
                connection.exec_driver_sql("pragma synchronous=normal")
            engines[shard] = engine
        return engines[shard]

    def has_table(self, table_name: str) -> bool:
        """Asked of each check and each tag, in a file that is opened for it. A table that is there stays there."""
        return self._remembered(("table", table_name), lambda: bool(super(OneConnectionEventLog, self).has_table(table_name)))

    def _has_asset_key_col_on_connection(self, conn: sqlalchemy.Connection, column_name: str) -> bool:
        return self._remembered(("column", column_name), lambda: super(OneConnectionEventLog, self)._has_asset_key_col_on_connection(conn, column_name))

    def _remembered(self, what: tuple[str, str], find: Callable[[], bool]) -> bool:
        found: set[tuple[str, str]] = self.__dict__.setdefault("_found", set())
        if what not in found and find():
            found.add(what)
        return what in found

    def dispose(self) -> None:
        for engine in self.__dict__.get("_engines", {}).values():
            engine.dispose()
        super().dispose()
