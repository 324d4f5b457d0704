"""The hub's database, embedded SQLite or PostgreSQL, opened and brought to this program's schema."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from cloud import sqlite
from cloud.errors import DatabaseUnusable, SchemaTooNew
from cloud.tables import metadata

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Database:
    """Transactions for writing and for reading come from separate engines: readers never wait for the writer."""

    writing: Engine
    reading: Engine

    @property
    def embedded(self) -> bool:
        """SQLite: one writer at a time, and group commit pays."""
        return self.writing.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, rolled back by an error."""
        with self.writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; nothing can be written through it."""
        with self.reading.begin() as connection:
            yield connection

    def close(self) -> None:
        self.writing.dispose()
        self.reading.dispose()


def open_database(url: str, *, readers: int = 4, writers: int = 4) -> Database:
    """`sqlite:///PATH` or `postgresql://…`. Opens one connection to see that it can be used; creates no tables."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusable(
            "the database's URL cannot be read",
            hint="Write sqlite:///PATH or postgresql://USER@HOST/NAME.",
            retryable=False,
        ) from error
    if parsed.get_backend_name() == "sqlite":
        database = Database(*sqlite.engines(parsed, readers))
    elif parsed.get_backend_name() == "postgresql":
        database = _postgresql(url, readers, writers)
    else:
        raise DatabaseUnusable(
            f"no such kind of database: {parsed.get_backend_name()}", hint="Use sqlite or postgresql.", retryable=False
        )
    try:
        database.writing.connect().close()
    except DBAPIError as error:
        raise DatabaseUnusable(
            f"the database cannot be opened: {error.orig}", hint=f"Check {parsed.render_as_string(hide_password=True)}."
        ) from error
    return database


def _postgresql(url: str, readers: int, writers: int) -> Database:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    settings = {"options": "-c timezone=UTC -c lock_timeout=15s"}
    return Database(
        create_engine(parsed, pool_size=writers, max_overflow=0, pool_pre_ping=True, connect_args=settings),
        create_engine(
            parsed,
            pool_size=readers,
            max_overflow=0,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args={"options": settings["options"] + " -c default_transaction_read_only=on"},
        ),
    )


def migrate(database: Database) -> None:
    """Brings the schema to this program's, in one transaction; a newer one is left alone with a plain word.

    A new database is made whole, as `cloud.tables` has it; the revisions are for those made before.
    """
    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    script = ScriptDirectory.from_config(config)
    with database.write() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
            raise SchemaTooNew(
                f"the database has schema {present}, which this hub does not know",
                hint="It was opened by a newer hub: start that one again, or restore a backup made before it.",
            )
        if present == script.get_current_head():
            return
        if present is None:
            metadata.create_all(connection)
            MigrationContext.configure(connection).stamp(script, "head")
        else:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if database.embedded:
            sqlite.teach_planner(connection)
        log.info("database schema is now %s", script.get_current_head())


_CONFLICTS = frozenset({"40001", "40P01", "55P03", "23505"})
"""Serialization failure, deadlock, lock timeout, and a unique key that somebody else was first to write."""


def is_conflict(error: DBAPIError) -> bool:
    """Another transaction of PostgreSQL was in the way: the same work may succeed when it is done again."""
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS


_PASSING_CLASSES = frozenset({"08", "53", "55", "57", "58", "XX"})
"""Of PostgreSQL: the connection, resources, an object in use, an operator's intervention, the system, itself."""
_UNIQUE = "23505"
_OF_THE_FILE = frozenset({3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26})
"""Of SQLite: permission, busy, locked, memory, read-only, interrupted, I/O, corrupt, full, cannot open, protocol, no
database."""


def is_passing(error: BaseException, *, may_retry: bool) -> bool:
    """The database failed, not what was asked of it: the same again may succeed. A unique key that somebody else wrote
    first is such a case only as long as there is another attempt."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, MemoryError)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        conflict = sqlstate in _CONFLICTS and (may_retry or sqlstate != _UNIQUE)
        return conflict or sqlstate[:2] in _PASSING_CLASSES
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None:  # of PostgreSQL, by its driver: there is no connection to it, or no longer
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or code & 0xFF in _OF_THE_FILE
