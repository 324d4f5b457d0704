"""A small world for one scene: one store, one or two orders, and a fault at the very point it is about."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from agent.line import LineState
from cloud import chain, sessions
from cloud.compaction import Keep
from cloud.transaction import Transaction
from domain.events import EventBody
from domain.operations import OperationBody
from domain.protocol import EVENTS, OPERATIONS, STREAM
from domain.quantity import units
from tests.simulation.agent_node import AgentNode, RunningAgent
from tests.simulation.clerk import Clerk
from tests.simulation.deaths import Death
from tests.simulation.programs import older_agent, older_hub
from tests.simulation.recording import Recorder
from tests.simulation.storage import never
from tests.simulation.updates import update
from tests.simulation.weather import CALM
from tests.simulation.wire import Wire
from tests.simulation.witness import Witness
from tests.simulation.world import World, run, world

__all__ = ["EVENTS", "OPERATIONS", "STREAM", "Scene", "Stage", "played"]


class Stage:
    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def node(self) -> AgentNode:
        return self.world.agents["S1"]

    @property
    def agent(self) -> RunningAgent:
        assert self.node.running is not None
        return self.node.running

    @property
    def clerk(self) -> Clerk:
        return self.world.clerks["S1"]

    @property
    def wire(self) -> Wire:
        return self.node.wire

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def order(self, *, then: float = 5.0) -> str:
        """Somebody pays; `then` seconds go by."""
        order = self.world.platforms["meituan"].sell("meituan-S1")
        self.world.sold += 1
        await asyncio.sleep(then)
        return order

    async def pick(self, rounds: int = 4) -> None:
        """The clerk does all there is to do, as far as the computer lives."""
        for _ in range(rounds):
            if self.node.alive:
                await self.clerk.look_round(self.agent)
            await asyncio.sleep(1.0)

    def restore(self, image: Path, taken_at: float) -> None:
        """Of the store's computer, which is started again."""
        self.node.restore(image)
        self.world.recorder.record("restored", node=self.node.name, t_image=taken_at)
        self.node.start()

    async def run_older(self, *unknown: type[EventBody]) -> None:
        """The store's program is one that does not know these kinds."""
        self.node.program = older_agent([body.kind for body in unknown])
        self.node.crash()
        self.node.start()
        await asyncio.sleep(20.0)

    async def update(self) -> None:
        update(self.node)
        self.node.start()
        await asyncio.sleep(60.0)

    async def run_older_hub(self, *unknown: type[OperationBody]) -> None:
        hub = self.world.hub
        hub.program = older_hub([body.kind for body in unknown])
        hub.crash()
        hub.start()
        await asyncio.sleep(30.0)

    async def update_hub(self) -> None:
        update(self.world.hub)
        self.world.hub.start()
        await asyncio.sleep(1.0)

    def twin(self) -> AgentNode:
        """Another computer with a copy of the disk. It is not the store's: what becomes of it does not count."""
        node, world = self.node, self.world
        node.image().rename(world.folder / "twin")
        witness = Witness(node.name, Recorder(world.loop.time))
        wire = Wire("twin", world.hub.serving, CALM, world.random("wire twin"))
        return AgentNode("twin", world.folder / "twin", wire, world.clocks["S1"], world.random("twin"), never, witness)

    def is_frozen(self) -> bool:
        """The store's own computer was told that there are two."""
        return self.agent.line.view.state is LineState.FROZEN

    def let_speak(self, tx: Transaction) -> None:
        """Headquarters: the other one is off for good."""
        sessions.unfreeze(tx, "S1")

    async def restore_hub(self, image: Path, *, with_marks: bool) -> None:
        self.world.hub.restore(image, with_marks=with_marks)
        self.world.recorder.record("restored", node="hub", t_image=None)
        await asyncio.sleep(20.0)
        self.world.hub.start()
        await asyncio.sleep(1.0)

    async def compact(self) -> None:
        """Hardly an event of any log stays."""
        assert self.world.hub.running is not None
        await self.world.hub.running.compact(Keep(0, 0, 300))

    async def headquarters(self, change: Callable[[Transaction], None]) -> None:
        """Somebody there changes something."""
        assert self.world.hub.running is not None
        await self.world.hub.running.writer.run(change)
        await asyncio.sleep(1.0)

    async def set_stock(self, sku: str, count: int) -> None:
        await self.headquarters(lambda tx: chain.set_stock(tx, "S1", sku, units(count)))

    def dies(self, who: str, when: str, what: str = "", passed: int = 0) -> None:
        self.world.deaths.planned.append(Death(who, when, what, passed))

    async def cut_for(self, seconds: float) -> None:
        self.wire.cut()
        await asyncio.sleep(seconds)
        self.wire.mend()


Scene = Callable[[Stage], Awaitable[None]]


def played(scene: Scene, broken: AbstractContextManager[Any] | None = None) -> World:
    """The scene in a world of its own, until all has come together again. Its folder is gone, its history is not.

    `broken` holds from the moment that the world is set up."""
    with world(1, stores=1) as one:
        run(one, _play(scene, one, broken or nullcontext()))
        one.end = one.history()
    return one


async def _play(scene: Scene, one: World, broken: AbstractContextManager[Any]) -> None:
    await one.open()
    with broken:
        await scene(Stage(one))
        await one.heal()
