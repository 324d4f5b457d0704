"""A connection to the ERP's database. Chains install the driver of theirs: SQLite comes with Python, psycopg with
the hub; SQL Server, MySQL and Oracle by the URL of `pymssql`, `pymysql`, `oracledb`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from erp.errors import DatabaseGone

CONNECT_S = 10
"""Drivers wait for a minute, or for as long as the system does. SQLite: for whoever else writes."""
_SAID_AS = {
    "psycopg": "connect_timeout",
    "pymysql": "connect_timeout",
    "pymssql": "login_timeout",
    "oracledb": "tcp_connect_timeout",
    "pyodbc": "timeout",
    "pysqlite": "timeout",
}


class Database:
    """For one thread. `password` is asked for at each new connection: it may be changed meanwhile."""

    def __init__(self, url: str, password: Callable[[], str | None], drivers: str = "") -> None:
        self._url, self._password = url, password
        self._engine: sa.Engine | None = None
        if drivers and drivers not in sys.path:
            sys.path.append(drivers)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """One transaction. Raises DatabaseGone; then the next one connects anew."""
        try:
            if self._engine is None:
                self._engine = self._connect()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            self.close()
            raise DatabaseGone(_in_words(error), hint=_hint(error)) from error

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connect(self) -> sa.Engine:
        try:
            url = sa.engine.make_url(self._url)
            if (password := self._password()) is not None:
                url = url.set(password=password)
            return sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args=_limits(url))
        except ImportError as error:
            hint = "[erp] drivers names the folder that it is installed in (docs/erp.md)"
            raise DatabaseGone(f"the driver of this database is not here: {error}", hint=hint) from error


def _limits(url: sa.URL) -> dict[str, int]:
    """What the URL itself says of it goes before; a driver that is not named here keeps its own."""
    name = _SAID_AS.get(url.get_driver_name())
    return {} if name is None or name in url.query else {name: CONNECT_S}


def table(name: str, *columns: str) -> sa.TableClause:
    """`schema.name`, or `database.schema.name`."""
    schema, _, plain = name.rpartition(".")
    return sa.table(plain, *map(sa.column, dict.fromkeys(columns)), schema=schema or None)


def _in_words(error: SQLAlchemyError) -> str:
    """The driver's first line: the statement and its values are not for the log."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {str(original).strip().splitlines()[0] if str(original).strip() else ''}"


def _hint(error: SQLAlchemyError) -> str:
    if isinstance(error, sa.exc.OperationalError):
        return "is the database there, and may this user read it? `erp check` tries it"
    return "`erp check` compares the mapping with the database"
