"""Dagster's event log, written through one connection a file: a night has a thousand events.

Belongs here: how the command writes run history. Doesn't: how the UI reads it, which is Dagster's own way.
As it comes, each event opens two SQLite files, compiles its SQL anew and waits for the disk: 300 assets and checks took 8 s of
processor time, and 40 s where the disk was busy. So they take under 4 s. It leans on `_connect`, which the lock pins.
"""

from collections.abc import Iterator, Mapping
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

    def dispose(self) -> None:
        for engine in self.__dict__.get("_engines", {}).values():
            engine.dispose()
        super().dispose()
