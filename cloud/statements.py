"""Statements of the hot path: written once as SQL, run by the driver on SQLite and PostgreSQL alike.

SQLAlchemy Core costs several microseconds a row and half a hundred a statement; intake pays neither. Elsewhere, where a
statement runs once per click, Core is used.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table
from sqlalchemy.engine import result_tuple
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

Value = str | int | bytes | None | list[str]
AnyRow = Row[*tuple[Any, ...]]
_ANY = re.compile(r"= ANY\(\?\)")
_LOCK = re.compile(r" FOR (NO KEY )?UPDATE( SKIP LOCKED)?\b")


class Sql:
    """Values stand as `?`; `= ANY(?)` takes a list of texts; `FOR UPDATE` is for PostgreSQL, SQLite has one writer."""

    __slots__ = ("_postgresql", "_sqlite")

    def __init__(self, text: str) -> None:
        text = " ".join(text.split())
        self._sqlite = _LOCK.sub("", _ANY.sub("IN (SELECT value FROM json_each(?))", text))
        self._postgresql = text.replace("?", "%s")

    def named(self, connection: Connection, *values: Value) -> Sequence[AnyRow]:
        """Rows whose columns have names; each costs a little more."""
        sqlite = connection.dialect.name == "sqlite"
        with _cursor(connection) as cursor:
            cursor.execute(self._text(sqlite), _bound(values, sqlite))
            row = _named(tuple(column[0] for column in cursor.description))
            return [row(values) for values in cursor.fetchall()]

    def rows(self, connection: Connection, *values: Value) -> Sequence[tuple[Any, ...]]:
        """Plain tuples, straight from the driver."""
        sqlite = connection.dialect.name == "sqlite"
        with _cursor(connection) as cursor:
            cursor.execute(self._text(sqlite), _bound(values, sqlite))
            return cursor.fetchall()

    def run(self, connection: Connection, rows: Sequence[tuple[Value, ...]]) -> int:
        """Once per row, in one go; how many rows of the table were touched in all."""
        if not rows:
            return 0
        with _cursor(connection) as cursor:
            cursor.executemany(self._text(connection.dialect.name == "sqlite"), rows)
            return int(cursor.rowcount)

    def do(self, connection: Connection) -> None:
        """What takes no value and gives no row, as BEGIN."""
        with _cursor(connection) as cursor:
            cursor.execute(self._text(connection.dialect.name == "sqlite"))

    def _text(self, sqlite: bool) -> str:
        return self._sqlite if sqlite else self._postgresql


def _bound(values: tuple[Value, ...], sqlite: bool) -> tuple[Value, ...]:
    if not sqlite:
        return values
    return tuple(msgspec.json.encode(value).decode() if isinstance(value, list) else value for value in values)


@contextmanager
def _cursor(connection: Connection) -> Iterator[DBAPICursor]:
    """The driver's cursor inside SQLAlchemy's transaction; its errors become SQLAlchemy's, as everywhere else."""
    cursor = connection.connection.cursor()
    driver = connection.dialect.loaded_dbapi
    try:
        yield cursor
    except driver.Error as error:
        raise DBAPIError.instance(None, None, error, driver.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()


@cache
def _named(columns: tuple[str, ...]) -> Callable[[tuple[Any, ...]], AnyRow]:
    """A program has as many kinds of rows as it has statements."""
    return result_tuple(columns)


def insert(table: Table, *columns: str) -> Sql:
    """Rows are given in the order of these columns; every one must be the table's."""
    names = ", ".join(table.c[column].name for column in columns)
    return Sql(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})")
