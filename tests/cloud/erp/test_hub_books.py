"""Headquarters' books as its connectors see them, at the size that an outage leaves."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cloud.erp.hub_books import HubBooks
from domain.erp import ErpSale, ErpSaleLine
from domain.quantity import units
from erp.rows import Piece
from tests.cloud.hub import CHAIN, STORE, Hub

MOST_VALUES = 65_535
"""PostgreSQL takes no more in a statement."""


def sale(number: int) -> Piece:
    return Piece(ErpSale(f"P{number}", number, (ErpSaleLine("sku1", units(1)),)), store=STORE)


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
