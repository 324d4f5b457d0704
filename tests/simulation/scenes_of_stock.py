"""Directed schedules about a store's stock: a level comes from headquarters that does not include all that the store
has done (`agent.contained`)."""

import asyncio
from pathlib import Path
from unittest.mock import patch

import msgspec

from agent.settling import settle_exception
from agent.snapshots import fetching
from agent.transactions import Transaction
from cloud.channels.base import Cancelled
from domain.exceptions import Choice
from domain.protocol import OPERATIONS
from domain.quantity import units
from tests.simulation.goods import PRODUCTS
from tests.simulation.stage import Stage

SOLD = PRODUCTS[0].sku


async def a_level_is_set_while_the_store_is_away(stage: Stage) -> None:
    """Headquarters sets a level by what it knows; the store has sold meanwhile and could not say so."""
    await stage.wait(30)
    stage.wire.cut()
    for _ in range(3):
        await stage.clerk.sell(stage.agent, SOLD)
    await stage.set_stock(SOLD, 50)
    stage.wire.mend()
    await stage.wait(200)


async def a_level_is_set_before_the_answer_comes(stage: Stage) -> None:
    """The level includes a sale whose answer was lost: the store does not know that headquarters has it."""
    await stage.wait(30)
    stage.wire.plan("lose_answer", OPERATIONS, 3)
    await stage.clerk.sell(stage.agent, SOLD)
    await stage.wait(1)
    await stage.set_stock(SOLD, 50)
    await stage.wait(200)


async def a_sale_is_told_while_a_snapshot_travels(stage: Stage) -> None:
    """The snapshot is made before a sale, and loaded after the sale was done, sent and confirmed."""
    await stage.order()
    await stage.pick()
    await stage.wait(30)
    stage.wire.cut()
    for _ in range(2):
        await stage.order(then=2)
    await stage.compact()
    write = fetching._write

    async def slow(path: Path, answer: fetching.Answer) -> None:
        await asyncio.sleep(20)
        await write(path, answer)

    with patch.object(fetching, "_write", slow):
        stage.wire.mend()
        for _ in range(12):
            await stage.wait(10)
            await stage.clerk.sell(stage.agent, SOLD)
    await stage.wait(200)


async def more_is_found_than_anybody_knew_of(stage: Stage) -> None:
    """A clerk finds more than the order wants; and goods for an order that was cancelled before the answer came."""
    await _sell_out(stage)
    await stage.order()
    await _find(stage, 7)
    await stage.pick()
    await _sell_out(stage)
    order = await stage.order()
    stage.wire.cut()
    await _find(stage, 9)
    platform = stage.world.platforms["meituan"]
    platform.say(order, Cancelled(order, "customer", ""))
    await stage.wait(5)
    stage.wire.mend()
    await stage.wait(200)


async def an_old_image_holds_what_was_sent_since(stage: Stage) -> None:
    """The disk is put back to when a sale waited to be sent: the snapshot includes it, and the outbox has it too."""
    await stage.wait(30)
    stage.wire.cut()
    await stage.clerk.sell(stage.agent, SOLD)
    stage.node.crash()
    image, taken_at = stage.node.image(), stage.world.loop.time()
    stage.node.start()
    stage.wire.mend()
    await stage.wait(100)
    await stage.clerk.sell(stage.agent, SOLD)
    await stage.wait(100)
    stage.node.crash()
    stage.wire.plan("lose_answer", OPERATIONS, 3)
    stage.restore(image, taken_at)
    await stage.wait(300)


async def _sell_out(stage: Stage) -> None:
    for product in PRODUCTS:
        await stage.set_stock(product.sku, 0)


async def _find(stage: Stage, count: int) -> None:
    """The clerk, of each thing that is short."""

    def find(tx: Transaction) -> None:
        for row in tx.db.execute("SELECT exception_id, lines FROM exceptions WHERE closed_at IS NULL").fetchall():
            found = {line: units(count) for line in msgspec.json.decode(row["lines"], type=tuple[int, ...])}
            settle_exception(tx, row["exception_id"], Choice.FOUND, found)

    await stage.agent.work.awrite(find)
    await stage.wait(1)


SCENES = (
    a_level_is_set_while_the_store_is_away,
    a_level_is_set_before_the_answer_comes,
    a_sale_is_told_while_a_snapshot_travels,
    more_is_found_than_anybody_knew_of,
    an_old_image_holds_what_was_sent_since,
)
