"""Headquarters' books as its connectors see them, at the size that an outage leaves."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cloud import stock
from cloud.erp.hub_books import HubBooks
from cloud.statements import Sql
from domain.erp import ErpSale, ErpSaleLine
from domain.quantity import units
from erp.rows import Piece
from tests import awaiting
from tests.cloud.conftest import POSTGRES
from tests.cloud.hub import CHAIN, STORE, Hub

MOST_VALUES = 65_535
"""PostgreSQL takes no more in a statement."""
_WAITING = Sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
_SKU2_NOW = Sql("SELECT 1 FROM stock WHERE chain = ? AND store = ? AND sku = 'sku2' FOR UPDATE NOWAIT")


def sale(number: int, sku: str = "sku1") -> Piece:
    return Piece(ErpSale(f"P{number}", number, (ErpSaleLine(sku, units(1)),)), store=STORE)


@pytest.fixture
async def books(hub: Hub) -> AsyncIterator[HubBooks]:
    writer = hub.writer()
    await writer.start()
    made = HubBooks(writer, CHAIN, hub.clock)
    made.begin()
    yield made
    await writer.stop()


async def test_more_documents_than_a_statement_takes_values_are_looked_up(books: HubBooks) -> None:
    assert await asyncio.to_thread(books.take, [sale(1), sale(MOST_VALUES // 4)], "sql") == []
    wanted = [  # two values each
        (STORE, f"P{number}{back}") for number in range(MOST_VALUES // 4 + 1) for back in ("", "-R")
    ]
    found = await asyncio.to_thread(books.known, "sale", wanted)
    assert found == {(STORE, "P1"), (STORE, f"P{MOST_VALUES // 4}")}


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=POSTGRES)], indirect=True)
async def test_many_documents_wait_for_a_product_without_holding_a_later_one(hub: Hub, books: HubBooks) -> None:
    """Else an order for both and they would wait for each other."""
    with hub.transaction() as tx:
        stock.lock(tx, [(STORE, "sku1")])
        taking = asyncio.create_task(asyncio.to_thread(books.take, [sale(1, "sku2"), sale(2, "sku1")], "sql"))
        await awaiting.until(lambda: somebody_waits(hub))
        _SKU2_NOW.rows(tx.connection, CHAIN, STORE)
    assert await taking == []
    assert [hub.level(sku).on_hand // units(1) for sku in ("sku1", "sku2")] == [9, 9]


def somebody_waits(hub: Hub) -> bool:
    with hub.database.read() as connection:
        return bool(_WAITING.rows(connection)[0][0])
