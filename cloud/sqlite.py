"""The embedded database: which SQLite is used, and how its connections are set up (facts/sync.md §2)."""

import sqlite3
from types import ModuleType

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from cloud.statements import Sql

BUSY_TIMEOUT_MS = 15_000
CACHE_KIB = 32_768
CHECKPOINT_PAGES = 4_000
"""16 MiB of log before it is copied into the file: hot pages are copied once for many commits."""
_ROWS, _UNDER_WAY = 1_000_000, 1_000
"""What a whole index is thought to hold, and a partial one, which knows only what is under way."""
_IMMEDIATE, _DEFERRED = Sql("BEGIN IMMEDIATE"), Sql("BEGIN")

_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7}
_BROKEN_SINCE, _FIXED_IN = (3, 7, 0), (3, 51, 3)


def module() -> ModuleType:
    """pysqlite3 carries a sound SQLite; only where it has no wheel the interpreter's own is taken. Never both."""
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    sound: ModuleType = pysqlite3
    return sound


def may_lose_wal(version: tuple[int, ...]) -> bool:
    """The WAL-reset bug: two connections that write or checkpoint at one instant can corrupt (facts/sync.md §2.2)."""
    fixed_patch = _FIXED_BRANCHES.get((version[0], version[1]))
    if fixed_patch is not None:
        return version[2] < fixed_patch
    return _BROKEN_SINCE <= version < _FIXED_IN


def engines(url: URL, readers: int) -> tuple[Engine, Engine]:
    """One engine that writes and one that only reads; one connection for all where SQLite is not to be trusted."""
    dbapi = module()
    writing = _engine(url, dbapi, connections=1)
    event.listen(writing, "connect", _set_up_writing)
    event.listen(writing, "begin", _begin_immediate)
    if may_lose_wal(dbapi.sqlite_version_info):
        return writing, writing
    reading = _engine(url, dbapi, connections=readers)
    event.listen(reading, "connect", _set_up_reading)
    event.listen(reading, "begin", _begin_deferred)
    return writing, reading


def teach_planner(connection: Connection) -> None:
    """Statistics for a planner that has none: one chain owns every row, each further column of a key narrows a lot.

    Left to guess, it takes the first column of the primary key, the chain, for selective, and reads whole tables.
    A later ANALYZE puts real numbers in their place.
    """
    connection.exec_driver_sql("ANALYZE")
    for _, table, kind, _, clustered, _ in connection.exec_driver_sql("PRAGMA main.table_list").all():
        if kind != "table" or table.startswith("sqlite_"):
            continue
        for _, index, unique, origin, partial in connection.exec_driver_sql(f"PRAGMA index_list({table})").all():
            columns = len(connection.exec_driver_sql(f"PRAGMA index_info({index})").all())
            name = table if clustered and origin == "pk" else index
            connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ? AND idx = ?", (table, name))
            rows = _expected_rows(_UNDER_WAY if partial else _ROWS, columns, unique=bool(unique))
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, name, rows)
            )
    connection.exec_driver_sql("ANALYZE sqlite_schema")


def _expected_rows(rows: int, columns: int, *, unique: bool) -> str:
    """As sqlite_stat1 says it: all rows, then how many share the first column, the first two, and so on."""
    last = 1 if unique else 10
    shared = [max(rows // 100**place, 2 * last) for place in range(columns - 1)]
    return " ".join(str(number) for number in (rows, *shared, last))


def _engine(url: URL, dbapi: ModuleType, *, connections: int) -> Engine:
    return create_engine(
        url,
        module=dbapi,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )


def _set_up_writing(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # journal_mode first: it takes its own lock, and must be answered before anything is written.
    _set_up(
        connection,
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        f"cache_size=-{CACHE_KIB}",
    )


def _set_up_reading(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    _set_up(connection, "query_only=ON", f"cache_size=-{CACHE_KIB}")


def _set_up(connection: DBAPIConnection, *pragmas: str) -> None:
    # Off: the module begins no transaction behind our back, `begin` below does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def in_transaction(connection: Connection) -> bool:
    """A full disk makes SQLite take back the whole transaction by itself (facts/sync.md §2.4)."""
    driver = connection.connection.driver_connection
    return driver is not None and bool(driver.in_transaction)


def _begin_immediate(connection: Connection) -> None:
    _IMMEDIATE.do(connection)


def _begin_deferred(connection: Connection) -> None:
    _DEFERRED.do(connection)
