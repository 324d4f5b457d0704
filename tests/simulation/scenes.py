"""Directed schedules: each does one thing to one point of the conversation, and must end well.

With a mutant in the place of one rule (`tests.simulation.mutants`) it must not.
"""

from unittest.mock import patch

from agent import apply
from agent.transactions import Transaction
from domain.events import EventBody, OrderPlaced, StoreConfigured
from tests.simulation import scenes_of_hub, scenes_of_versions
from tests.simulation.goods import FEW, RARE
from tests.simulation.stage import EVENTS, OPERATIONS, STREAM, Stage


async def answers_lost(stage: Stage) -> None:
    """What was sent took effect, and nobody said so."""
    await stage.order()
    await stage.clerk.count(stage.agent)
    await stage.wait(3)
    stage.wire.plan("lose_answer", OPERATIONS, 3)
    await stage.clerk.sell(stage.agent)
    await stage.clerk.count(stage.agent)
    await stage.pick()
    await stage.wait(200)


async def requests_lost(stage: Stage) -> None:
    """What was sent never came."""
    await stage.order()
    stage.wire.plan("lose_request", OPERATIONS, 3)
    await stage.pick()
    await stage.wait(200)


async def answer_lost_before_hours_alone(stage: Stage) -> None:
    """The answer is lost, and the line is gone for hours before it can be asked again."""
    await stage.order()
    await stage.clerk.count(stage.agent)
    await stage.wait(3)
    stage.wire.plan("lose_answer", OPERATIONS, 1)
    await stage.clerk.count(stage.agent)
    await stage.wait(1)
    await stage.cut_for(2 * 3600.0)


async def the_agent_dies_after_commits(stage: Stage) -> None:
    """After the first, the second, the third commit that an order causes, and in the middle of work."""
    stage.world.look_after()
    for passed in range(3):
        stage.dies("agent", "after", passed=passed)
        await stage.order(then=60)
        stage.world.deaths.planned.clear()
    for passed in range(3):
        stage.dies("agent", "after", "Clerk._scan_one", passed)
        await stage.pick(2)
        await stage.wait(20)
        stage.world.deaths.planned.clear()


async def the_hub_dies_around_commits(stage: Stage) -> None:
    """Before and after it commits a push, an operation, and what a call's answer means."""
    stage.world.look_after()
    for when in ("before", "after"):
        for passed in range(2):
            stage.dies("hub", when, passed=passed)
            await stage.order(then=60)
            stage.world.deaths.planned.clear()
            stage.dies("hub", when, passed=passed)
            await stage.pick(3)
            await stage.wait(60)
            stage.world.deaths.planned.clear()


async def a_frame_is_lost(stage: Stage) -> None:
    """In the middle: what comes after it arrives."""
    await stage.order()
    stage.wire.plan("lose_frame", STREAM)
    await stage.order(then=1)
    await stage.order(then=1)


async def the_last_frame_is_lost(stage: Stage) -> None:
    """Nothing comes after it that would show the gap."""
    await stage.order()
    await stage.wait(30)
    stage.wire.plan("lose_frame", STREAM)
    await stage.set_stock("sku1", 4000)


async def the_line_goes_silent(stage: Stage) -> None:
    """Open for both, and nothing comes through."""
    await stage.order()
    for exchange in tuple(stage.wire.open):
        exchange.silent = True
    await stage.order(then=1)


async def the_power_fails(stage: Stage) -> None:
    """In the instant after work was kept that nobody has heard of."""
    stage.world.look_after()
    await stage.order()
    stage.wire.cut()
    await stage.pick()
    await stage.clerk.sell(stage.agent)
    stage.node.crash()
    await stage.wait(60)


async def the_last_box_is_sold_twice(stage: Stage) -> None:
    """Promised to orders, and sold over the counter."""
    for _ in range(12):
        await stage.order(then=0.5)
    stage.wire.cut()
    for _ in range(FEW):
        await stage.clerk.sell(stage.agent, RARE.sku)
    await stage.wait(30)


async def pulls_cut_short(stage: Stage) -> None:
    """Pages break off in the middle, and requests come twice and late."""
    await stage.cut_for(600)
    stage.wire.plan("cut_answer", EVENTS, 2)
    stage.wire.plan("double_request", OPERATIONS, 4)
    stage.wire.plan("delay", OPERATIONS, 2)
    await stage.order()
    await stage.pick()
    await stage.wait(120)


async def an_old_image_is_put_back(stage: Stage) -> None:
    """The store's computer is as it was some orders ago, and gives numbers again that the hub has seen."""
    await stage.order()
    await stage.pick()
    await stage.wait(5)
    image, taken_at = stage.node.image(), stage.world.loop.time()
    stage.clerk.hands_over = 0.0
    await stage.order()
    await stage.pick()
    await stage.clerk.sell(stage.agent)
    await stage.clerk.count(stage.agent)
    await stage.wait(20)
    stage.restore(image, taken_at)
    stage.wire.cut()
    await stage.wait(1)
    await stage.clerk.sell(stage.agent)
    stage.wire.mend()
    await stage.order(then=60)
    await stage.pick()


async def an_old_image_meets_an_old_snapshot(stage: Stage) -> None:
    """Between the snapshot that headquarters once made for the store and the day its image was put back, it worked."""
    await stage.order()
    await stage.pick()
    image, taken_at = stage.node.image(), stage.world.loop.time()
    stage.wire.cut()
    for _ in range(3):
        await stage.order(then=2)
    await stage.compact()
    stage.wire.mend()
    await stage.wait(200)
    stage.clerk.hands_over = 0.0
    await stage.order()
    await stage.pick()
    await stage.wait(20)
    stage.restore(image, taken_at)
    await stage.wait(60)
    await stage.pick()


async def an_old_image_knows_the_beginning(stage: Stage) -> None:
    """Of one order that it was begun, of another that it came. Both were packed since, and headquarters was told."""
    await stage.order()
    await stage.clerk.begin(stage.agent)
    await stage.order()
    image, taken_at = stage.node.image(), stage.world.loop.time()
    await stage.wait(1)
    stage.clerk.hands_over = 0.0
    await stage.pick()
    await stage.wait(20)
    stage.restore(image, taken_at)
    await stage.wait(60)
    stage.clerk.hands_over = 1.0
    await stage.pick()


async def a_disk_is_cloned(stage: Stage) -> None:
    """A second computer starts from a copy of the disk, beside the first: nobody may work on as if there were one."""
    await stage.order()
    await stage.pick()
    twin = stage.twin()
    twin.start()
    for _ in range(3):
        await stage.order(then=60)
    await stage.pick()
    stage.world.recorder.record("cloned", noticed=stage.is_frozen())
    twin.crash()
    await stage.headquarters(stage.let_speak)
    await stage.wait(200)


async def a_log_is_compacted(stage: Stage) -> None:
    """While the store is away with work that nobody has heard of; orders go on coming as it returns."""
    await stage.order()
    stage.wire.cut()
    await stage.pick()
    await stage.clerk.sell(stage.agent)
    for _ in range(3):
        await stage.order(then=2)
    await stage.compact()
    stage.wire.plan("lose_request", OPERATIONS, 6)
    stage.wire.mend()
    for _ in range(10):
        await stage.order(then=3)
    await stage.wait(200)
    await stage.pick()


async def an_event_fails_until_an_update(stage: Stage) -> None:
    """The program cannot take a new order; what comes after it about the same order must wait for it."""
    with patch.dict(apply._EFFECTS, {OrderPlaced: _stumble}):
        order = await stage.order()
        stage.world.platforms["meituan"].change(order)
        await stage.order()
        await stage.wait(30)
    stage.node.crash()
    stage.node.start()
    await stage.wait(30)


async def settings_of_a_snapshot_fail_until_an_update(stage: Stage) -> None:
    """They belong to no order: the orders of the same snapshot must not wait for them."""
    with patch.dict(apply._EFFECTS, {StoreConfigured: _stumble}):
        stage.wire.cut()
        for _ in range(3):
            await stage.order(then=2)
        await stage.compact()
        stage.wire.mend()
        await stage.wait(200)
        await stage.pick()
    stage.node.crash()
    stage.node.start()
    await stage.wait(30)


def _stumble(tx: Transaction, body: EventBody) -> None:
    raise ValueError("this version cannot")


SCENES = (
    settings_of_a_snapshot_fail_until_an_update,
    *scenes_of_versions.SCENES,
    an_event_fails_until_an_update,
    scenes_of_hub.the_hub_is_restored,
    scenes_of_hub.the_hubs_machine_is_restored,
    scenes_of_hub.the_hubs_machine_forgets_operations,
    scenes_of_hub.the_hubs_machine_forgets_operations_of_a_busy_store,
    scenes_of_hub.the_hubs_machine_forgets_a_session,
    scenes_of_hub.the_hub_forgets_what_a_platform_said,
    scenes_of_hub.the_hub_is_restored_twice,
    scenes_of_hub.the_hub_is_restored_to_before_an_update,
    a_log_is_compacted,
    a_disk_is_cloned,
    an_old_image_is_put_back,
    an_old_image_meets_an_old_snapshot,
    an_old_image_knows_the_beginning,
    answers_lost,
    requests_lost,
    answer_lost_before_hours_alone,
    the_agent_dies_after_commits,
    the_hub_dies_around_commits,
    a_frame_is_lost,
    the_last_frame_is_lost,
    the_line_goes_silent,
    the_power_fails,
    the_last_box_is_sold_twice,
    pulls_cut_short,
)
