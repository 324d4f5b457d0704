"""A disk that is full in the middle of a group: SQLite takes back all of it, and nobody is answered otherwise."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from cloud import tables
from cloud.database import Database
from cloud.errors import DatabaseUnusable
from cloud.statements import Sql
from cloud.transaction import Transaction
from cloud.writer import Writer
from tests.cloud.hub import Hub, paid

_SWEPT = Sql("INSERT INTO sweeps (chain, channel, shop, swept_at) VALUES (?, 'meituan', ?, 0)")


@pytest.fixture
def embedded_hub(new_database: Callable[[str], Database]) -> Hub:
    return Hub.with_stock(new_database("sqlite"))


@pytest.fixture
async def writer(embedded_hub: Hub) -> AsyncIterator[Writer]:
    writer = embedded_hub.writer()
    await writer.start()
    yield writer
    await writer.stop()


def fill_the_disk(tx: Transaction) -> None:
    pages = Sql("PRAGMA page_count").rows(tx.connection)[0][0]
    Sql(f"PRAGMA max_page_count = {pages}").do(tx.connection)
    _SWEPT.run(tx.connection, [(tx.chain, "名" * 1_000_000)])


def room_again(tx: Transaction) -> None:
    Sql("PRAGMA max_page_count = 1000000").do(tx.connection)


async def test_nobody_of_its_group_is_answered(writer: Writer, embedded_hub: Hub) -> None:
    """Neither the push that was taken in before it, nor the job after it, which would be committed by itself."""
    begun, go_on = threading.Event(), threading.Event()

    def hold_up(tx: Transaction) -> None:
        begun.set()
        assert go_on.wait(60)

    held_up = asyncio.create_task(writer.run(hold_up))
    await asyncio.to_thread(begun.wait, 10)
    group = [
        asyncio.create_task(each)
        for each in (
            writer.accept(paid(1)),
            writer.run(fill_the_disk),
            writer.run(lambda tx: _SWEPT.run(tx.connection, [(tx.chain, "later")])),
        )
    ]
    await asyncio.sleep(0)
    go_on.set()
    await held_up
    answers = await asyncio.gather(*group, return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseUnusable] * 3
    assert embedded_hub.rows(tables.orders) == []
    assert embedded_hub.rows(tables.sweeps) == []

    await writer.run(room_again)
    accepted = await writer.accept(paid(1))
    assert [row.order_id for row in embedded_hub.rows(tables.orders)] == [accepted.order_id]
