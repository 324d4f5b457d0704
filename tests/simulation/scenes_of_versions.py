"""Directed schedules of programs of several ages: what an older one cannot read, and what becomes of it once it can."""

from collections.abc import Callable
from unittest.mock import patch

from agent import apply
from agent.transactions import Transaction
from cloud import exceptions
from cloud.transaction import Transaction as HubTransaction
from domain.events import CodesListed, EventBody, ExceptionOpened, OrderChanged, RefundChanged, StockSet
from domain.exceptions import ExceptionKind
from domain.operations import PickCompleted, SaleRecorded
from domain.quantity import units
from domain.refunds import RefundState
from tests.simulation.goods import PRODUCTS, RARE
from tests.simulation.stage import OPERATIONS, Stage

COMMON_ONE = PRODUCTS[0].sku


async def an_older_program_follows(stage: Stage) -> None:
    """The store's program does not know what a refund is. Once it is updated it must know of the one that waits."""
    await stage.run_older(RefundChanged)
    order = await stage.order()
    stage.world.platforms["meituan"].ask_for_money(order)
    await stage.order(then=30)
    await stage.update()


async def an_older_program_takes_a_snapshot(stage: Stage) -> None:
    """A refund was left out of the snapshot, and no event tells of it again when the program is updated."""
    await stage.run_older(RefundChanged)
    stage.wire.cut()
    order = await stage.order()
    stage.world.platforms["meituan"].ask_for_money(order)
    await stage.wait(20)
    await stage.compact()
    stage.wire.mend()
    await stage.wait(200)
    await stage.update()


async def an_older_program_knows_no_lists(stage: Stage) -> None:
    """Lists of codes must be understood: where the program does not know them their log stands still, others go on."""
    await stage.run_older(CodesListed)
    for _ in range(2):
        await stage.order()
        await stage.pick()
    await stage.wait(200)
    await stage.update()


async def a_question_is_settled_before_it_is_heard(stage: Stage) -> None:
    """The older program knows how exceptions are closed, not how they are opened."""
    await stage.run_older(ExceptionOpened)
    await stage.order()
    await stage.headquarters(_ask)
    await stage.headquarters(_settle)
    await stage.wait(5)
    await stage.update()


async def money_is_given_back_before_the_change_is_heard(stage: Stage) -> None:
    """The customer changes a line, then part of it is refunded. The older program takes the refund and sets the change
    aside: applied late, the change would undo the refund."""
    await stage.run_older(OrderChanged)
    order = await stage.order()
    platform = stage.world.platforms["meituan"]
    platform.change(order)
    await stage.wait(5)
    line = platform.lines_of(order)[0]
    platform.say(order, platform.refund("r-1", order, RefundState.PAID, line.channel_sku))
    await stage.wait(5)
    await stage.update()


async def a_later_level_is_taken_first(stage: Stage) -> None:
    """Two levels of one product: the first cannot be taken, and the second does not wait for it, as levels belong to no
    order."""
    with patch.dict(apply._EFFECTS, {StockSet: _stumbling_over(50, apply._EFFECTS[StockSet])}):
        await stage.set_stock("sku1", 50)
        await stage.set_stock("sku1", 70)
        await stage.wait(5)
    await stage.update()


async def an_older_hub_is_updated(stage: Stage) -> None:
    """The hub does not know what a completed pick is, and hears in the same request that the order was handed over."""
    await stage.run_older_hub(PickCompleted)
    stage.clerk.hands_over = 1.0
    await stage.order()
    stage.wire.cut()
    await stage.pick()
    stage.wire.mend()
    await stage.wait(60)
    await stage.update_hub()
    await stage.wait(100)


async def a_count_is_heard_before_what_it_saw(stage: Stage) -> None:
    """The older hub does not know what a sale is: two are made before a count, one after it."""
    await stage.run_older_hub(SaleRecorded)
    for _ in range(2):
        await stage.clerk.sell(stage.agent, RARE.sku)
    await stage.clerk.count(stage.agent)
    await stage.clerk.sell(stage.agent, RARE.sku)
    await stage.wait(60)
    await stage.update_hub()
    await stage.wait(100)


async def a_level_is_set_after_an_update(stage: Stage) -> None:
    """A level is set when the updated hub has taken up what it had kept, and the store has not yet heard of that."""
    await stage.run_older_hub(SaleRecorded)
    for _ in range(2):
        await stage.clerk.sell(stage.agent, COMMON_ONE)
    await stage.wait(60)
    stage.wire.cut()
    await stage.update_hub()
    await stage.set_stock(COMMON_ONE, 50)
    stage.wire.plan("lose_answer", OPERATIONS, 3)
    stage.wire.mend()
    await stage.wait(200)


async def an_old_image_meets_an_older_hub(stage: Stage) -> None:
    """The hub cannot read that an order was packed, nor what was sold; the store's disk is put back to before both."""
    await stage.run_older_hub(PickCompleted, SaleRecorded)
    await stage.order()
    stage.node.crash()
    image, taken_at = stage.node.image(), stage.world.loop.time()
    stage.node.start()
    await stage.wait(60)
    stage.clerk.hands_over = 0.0
    await stage.pick()
    await stage.clerk.sell(stage.agent, COMMON_ONE)
    await stage.wait(60)
    stage.node.crash()
    stage.restore(image, taken_at)
    await stage.wait(100)
    await stage.pick()
    await stage.wait(60)
    await stage.update_hub()
    await stage.wait(200)


def _stumbling_over(
    count: int, effect: Callable[[Transaction, EventBody], None]
) -> Callable[[Transaction, EventBody], None]:
    def stumble(tx: Transaction, body: EventBody) -> None:
        if isinstance(body, StockSet) and body.on_hand == units(count):
            raise ValueError("this version cannot")
        effect(tx, body)

    return stumble


def _ask(tx: HubTransaction) -> None:
    exceptions.open_or_widen(tx, "S1", _order(tx), ExceptionKind.SHORT, (1,))


def _settle(tx: HubTransaction) -> None:
    for present in exceptions.of_order(tx, _order(tx)):
        exceptions.close(tx, "S1", present, by="headquarters")


def _order(tx: HubTransaction) -> str:
    return str(tx.connection.exec_driver_sql("SELECT order_id FROM orders ORDER BY placed_at DESC").scalar_one())


SCENES = (
    an_older_program_follows,
    an_older_program_takes_a_snapshot,
    an_older_program_knows_no_lists,
    a_question_is_settled_before_it_is_heard,
    money_is_given_back_before_the_change_is_heard,
    a_later_level_is_taken_first,
    an_older_hub_is_updated,
    a_count_is_heard_before_what_it_saw,
    a_level_is_set_after_an_update,
    an_old_image_meets_an_older_hub,
)
