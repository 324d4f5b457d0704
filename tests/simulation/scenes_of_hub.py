"""Directed schedules of a hub that is not what it was: put back from a backup, or updated."""

from functools import partial
from pathlib import Path

from cloud import restoring
from cloud.channels.base import Cancelled
from cloud.codes import lists
from cloud.transaction import Transaction
from domain.code_lists import CodeList, ListedCode
from domain.operations import PickCompleted
from tests.simulation.stage import Stage


async def _work_before_and_after_an_image(stage: Stage) -> Path:
    """Returns an image of the hub. What was done after it will be gone there, though it was answered."""
    await stage.order()
    await stage.pick()
    await stage.wait(90)
    image = stage.world.hub.image()
    stage.clerk.hands_over = 0.0
    await stage.order()
    await stage.pick()
    await stage.clerk.sell(stage.agent)
    await stage.clerk.count(stage.agent)
    await stage.wait(90)
    return image


async def the_hub_is_restored(stage: Stage) -> None:
    """From a backup of some orders ago; the marks beside it say that there was more."""
    image = await _work_before_and_after_an_image(stage)
    await stage.restore_hub(image, with_marks=False)
    await stage.wait(400)


async def the_hubs_machine_is_restored(stage: Stage) -> None:
    """Nothing beside the database says so, the store is away, and by the time it comes its log is longer than ever. But
    whoever did it said so to the running hub (`yaolink-hub restored`)."""
    image = await _work_before_and_after_an_image(stage)
    stage.wire.cut()
    await stage.restore_hub(image, with_marks=True)
    await stage.headquarters(_said_by_the_operator)
    for number in range(8):
        await stage.set_stock("sku1", 4000 + number)
    await stage.order()
    stage.wire.mend()
    await stage.wait(400)


def _said_by_the_operator(tx: Transaction) -> None:
    restoring.begin_anew(tx, "said by the operator")


async def the_hubs_machine_forgets_operations(stage: Stage) -> None:
    """Nobody says that it was restored, and the store's log outgrows its cursor before it comes. But it was confirmed
    work that is not there, as it tells with its next report."""
    image = await _work_before_and_after_an_image(stage)
    await _restore_unnoticed(stage, image)
    await stage.wait(300)


async def the_hubs_machine_forgets_operations_of_a_busy_store(stage: Stage) -> None:
    """As before, but the store goes on in its session: what it does first has a higher number than all that is
    forgotten, and would hide it from its next session."""
    image = await _work_before_and_after_an_image(stage)
    await _restore_unnoticed(stage, image)
    await stage.clerk.sell(stage.agent)
    await stage.wait(400)


async def the_hubs_machine_forgets_a_session(stage: Stage) -> None:
    """As before, but no work was confirmed since the backup: only the store's token tells."""
    image = stage.world.hub.image()
    await stage.wait(1900)
    await _restore_unnoticed(stage, image)
    await stage.wait(400)


async def _restore_unnoticed(stage: Stage, image: Path) -> None:
    """The marks are put back with it, and under the numbers of events that the store has applied come others: orders,
    and codes that are recalled."""
    for number in range(9):
        await stage.set_stock("sku2", 700 + number)
    await stage.wait(90)
    stage.wire.cut()
    await stage.restore_hub(image, with_marks=True)
    for _ in range(3):
        await stage.order(then=1)
    for number in range(12):
        await stage.set_stock("sku1", 4000 + number)
    for number in range(6):
        await stage.headquarters(partial(_recall, number=number))
    stage.wire.mend()


def _recall(tx: Transaction, number: int) -> None:
    lists.put(tx, CodeList.RECALLED, [ListedCode(f"8199900000000000000{number}")])


async def the_hub_forgets_what_a_platform_said(stage: Stage) -> None:
    """Of an order that had just come: that the customer does not want it any more. The platform does not push it again,
    and to the store nobody owes it a second time."""
    order = await stage.order()
    image = stage.world.hub.image()
    stage.world.platforms["meituan"].say(order, Cancelled(order, "customer", ""))
    await stage.wait(5)
    await stage.restore_hub(image, with_marks=True)
    await stage.headquarters(_said_by_the_operator)


async def the_hub_is_restored_twice(stage: Stage) -> None:
    """From the same backup: the two lives that follow it must not be taken for one."""
    image = await _work_before_and_after_an_image(stage)
    for number in range(2):
        await stage.restore_hub(image, with_marks=False)
        if number == 1:
            await stage.order()
        for other in range(6):
            await stage.set_stock("sku2", 1000 * (number + 1) + other)
        await stage.wait(60)
        if number == 0:
            stage.wire.cut()
    stage.wire.mend()
    await stage.wait(400)


async def the_hub_is_restored_to_before_an_update(stage: Stage) -> None:
    """It did not know a kind of fact then, and took what came after it, but for what the store kept back of that
    order; the store was told since that all of it is done."""
    await stage.run_older_hub(PickCompleted)
    await stage.order()
    stage.clerk.hands_over = 0.0
    await stage.pick()
    await stage.wait(30)
    stage.clerk.hands_over = 1.0
    await stage.pick()
    await stage.clerk.sell(stage.agent)
    await stage.wait(90)
    image = stage.world.hub.image()
    await stage.update_hub()
    await stage.wait(90)
    await stage.set_stock("sku2", 7)
    await stage.wait(90)
    await stage.restore_hub(image, with_marks=False)
    await stage.wait(400)
