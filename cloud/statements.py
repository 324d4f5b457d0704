"""Statements of the hot path: written once as SQL, run through the driver on SQLite and PostgreSQL alike.

SQLAlchemy Core costs several microseconds a row and half a hundred a statement; intake pays neither. Elsewhere, where a
statement runs once per click, Core is used.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table

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

    def rows(self, connection: Connection, *values: Value) -> "Sequence[AnyRow]":
        if connection.dialect.name == "sqlite":
            plain = tuple(msgspec.json.encode(value).decode() if isinstance(value, list) else value for value in values)
            return connection.exec_driver_sql(self._sqlite, plain).all()
        return connection.exec_driver_sql(self._postgresql, tuple(values)).all()

    def run(self, connection: Connection, rows: Sequence[tuple[Value, ...]]) -> int:
        """Once per row, in one go; how many rows of the table were touched in all."""
        if not rows:
            return 0
        text = self._sqlite if connection.dialect.name == "sqlite" else self._postgresql
        return connection.exec_driver_sql(text, list(rows)).rowcount


def insert(table: Table, *columns: str) -> Sql:
    """Rows are given in the order of these columns; every one must be the table's."""
    names = ", ".join(table.c[column].name for column in columns)
    return Sql(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})")
