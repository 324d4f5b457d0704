"""Opening and migrating: idempotent, and plain about what it cannot do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from cloud import sqlite, tables
from cloud.database import Database, migrate, open_database
from cloud.errors import DatabaseUnusable, MasterKeyUnusable, SchemaTooNew, SealBroken
from cloud.vault import Vault


def test_migrating_twice_changes_nothing_and_makes_every_table(database: Database) -> None:
    migrate(database)
    assert set(inspect(database.reading).get_table_names()) >= set(tables.metadata.tables)


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(database)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.exec_driver_sql("DELETE FROM stores")


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "sqlite:////no/such/folder/hub.db"])
def test_what_cannot_be_opened_is_said_plainly(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        open_database(url)
    assert caught.value.hint


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/hub.db")
    with database.writing.connect() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    database.close()
    assert settings == ["wal", 2]


@pytest.mark.parametrize(
    ("version", "affected"),
    [((3, 51, 2), True), ((3, 51, 3), False), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 44, 6), False)],
)
def test_a_sqlite_that_may_lose_its_log_is_known(version: tuple[int, ...], affected: bool) -> None:
    assert sqlite.may_lose_wal(version) is affected


def test_sqlites_planner_uses_more_of_a_key_than_the_chain(new_database: Callable[[str], Database]) -> None:
    """Left to guess it reads every order of the chain; PostgreSQL gathers statistics by itself."""
    theirs = "(SELECT value FROM json_each('[]'))"
    query = f"SELECT order_id FROM orders WHERE chain = 'c' AND channel = 'm' AND channel_order_id IN {theirs}"
    with new_database("sqlite").read() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
    assert "channel_order_id=?" in plan


def test_a_wrong_master_key_opens_nothing() -> None:
    with pytest.raises(MasterKeyUnusable):
        Vault(b"short")
    key, sealed = Vault(bytes(32)).new_key("subject", bytes)
    assert key is not None
    with pytest.raises(SealBroken):
        Vault(bytes([1]) * 32).open_key("subject", sealed)
    with pytest.raises(SealBroken):
        Vault(bytes(32)).open_key("another", sealed)
