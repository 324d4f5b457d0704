"""Directed schedules about what a store believes to have: headquarters' word comes, and contains less than was done."""

import asyncio
from pathlib import Path
from unittest.mock import patch

from agent.snapshots import fetching
from domain.protocol import OPERATIONS
from tests.simulation.goods import PRODUCTS
from tests.simulation.stage import Stage

SOLD = PRODUCTS[0].sku


async def a_level_is_set_while_the_store_is_away(stage: Stage) -> None:
    """Headquarters counts on what it knows; the store sold meanwhile."""
    await stage.wait(30)
    stage.wire.cut()
    for _ in range(3):
        await stage.clerk.sell(stage.agent, SOLD)
    await stage.set_stock(SOLD, 50)
    stage.wire.mend()
    await stage.wait(200)


async def a_level_is_set_before_the_answer_comes(stage: Stage) -> None:
    """It contains what was sold, though nobody told the store so."""
    await stage.wait(30)
    stage.wire.plan("lose_answer", OPERATIONS, 3)
    await stage.clerk.sell(stage.agent, SOLD)
    await stage.wait(1)
    await stage.set_stock(SOLD, 50)
    await stage.wait(200)


async def a_sale_is_told_while_a_snapshot_travels(stage: Stage) -> None:
    """It was made before, and is loaded after the sale was done, sent and confirmed."""
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


SCENES = (
    a_level_is_set_while_the_store_is_away,
    a_level_is_set_before_the_answer_comes,
    a_sale_is_told_while_a_snapshot_travels,
)
