"""One row, new or changed: the same statement on SQLite and PostgreSQL, for tables that are written now and then."""

from collections.abc import Mapping

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from cloud.transaction import Transaction

Value = str | int | bytes | None


def upsert(tx: Transaction, table: Table, key: Mapping[str, Value], values: Mapping[str, Value]) -> None:
    """`key` is the rest of the table's key, after the chain."""
    row = {"chain": tx.chain, **key, **values}
    insert = postgresql.insert(table) if tx.locks_rows else sqlite.insert(table)
    changed = insert.values(row).on_conflict_do_update(index_elements=["chain", *key], set_=dict(values))
    tx.connection.execute(changed)
