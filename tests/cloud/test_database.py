"""Opening and migrating: idempotent, and plain about what it cannot do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from cloud import sqlite, tables
from cloud.database import Database, migrate, open_database
from cloud.errors import DatabaseUnusable, MasterKeyUnusable, SchemaTooNew, SealBroken
from cloud.vault import Vault

NEWEST = "0006"


def test_migrating_twice_changes_nothing_and_makes_every_table(database: Database) -> None:
    migrate(database)
    assert set(inspect(database.reading).get_table_names()) >= set(tables.metadata.tables)


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    stamp(database, "9999")
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(database)
    stamp(database, NEWEST)


def stamp(database: Database, revision: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


@pytest.fixture
def first(database: Database) -> Iterator[Database]:
    """As the first version of the program made it, with an order whose call waits, and an open pairing code."""
    kind = database.writing.dialect.name
    old = (Path(__file__).parent / "schemas" / f"0001_{kind}.sql").read_text(encoding="utf-8")
    with database.write() as connection:
        tables.metadata.drop_all(connection)
        for statement in old.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        for statement in OLD_ROWS:
            connection.exec_driver_sql(statement.replace("BLOB", "x''" if database.embedded else "''::bytea"))
    stamp(database, "0001")
    yield database
    with database.write() as connection:
        tables.metadata.drop_all(connection)
        tables.metadata.create_all(connection)
    stamp(database, NEWEST)


OLD_ROWS = (
    "INSERT INTO stores (chain, store, name, accept, lead) VALUES ('c', 'S1', 'one', 'hub', 0)",
    "INSERT INTO shops (chain, channel, shop, store) VALUES ('c', 'meituan', 'mt-1', 'S1')",
    """INSERT INTO orders (chain, order_id, channel, channel_order_id, shown_id, shop, store, day_number, code, state,
    rider, placed_at, booked, prescription, pick_up, total, received_at, placed_seq)
    VALUES ('c', 'o1', 'meituan', '1', '1', 'gone', 'S1', 1, 'x', 'placed', 'none', 0, 0, 0, 0, 0, 0, 0)""",
    """INSERT INTO calls (chain, call_id, channel, shop, order_id, kind, body, state, next_at, created_at)
    VALUES ('c', 'of-order', 'meituan', 'gone', 'o1', 'accept', BLOB, 'waiting', 0, 0)""",
    """INSERT INTO calls (chain, call_id, channel, shop, kind, body, state, next_at, created_at)
    VALUES ('c', 'of-shop', 'meituan', 'mt-1', 'stock', BLOB, 'waiting', 0, 0)""",
    """INSERT INTO slips (chain, slip_id, store, order_id, kind, state, cause, at)
    VALUES ('c', 'slip-1', 'S1', 'o1', 'picking', 'printed', '', 5)""",
    "INSERT INTO pairing_codes (chain, store, selector, code_hash, expires_at) VALUES ('c', 'S1', 'ABCD', BLOB, 9)",
)


def test_a_database_of_the_first_version_becomes_this_ones(first: Database) -> None:
    migrate(first)
    with first.write() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        rows = connection.exec_driver_sql("SELECT call_id, store FROM calls ORDER BY call_id").all()
        modes = connection.exec_driver_sql("SELECT mode FROM stores").scalars().all()
        codes = connection.exec_driver_sql("SELECT count(*) FROM pairing_codes").scalar()
        slips = connection.exec_driver_sql("SELECT slip_id, copy, printer, at FROM slips").all()
    assert [tuple(row) for row in slips] == [("slip-1", 0, "", 5)]
    assert ([tuple(row) for row in rows], modes, codes) == ([("of-order", "S1"), ("of-shop", "S1")], ["live"], 0)


def test_a_revision_that_is_left_out_shows(first: Database) -> None:
    """The control of the test above."""
    with first.write() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata)


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
