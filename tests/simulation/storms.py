"""What happens to whole machines while a world lives: lines cut, processes killed, clocks set, disks put back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from cloud.compaction import Keep
from domain.times import DAY, HOUR, SECOND

if TYPE_CHECKING:
    from tests.simulation.world import World

PARTITIONS = (5.0, 60.0, 900.0, 900.0, 6 * 3600.0)
DOWN = (0.0, 5.0, 60.0, 900.0)
JUMPS = (2 * SECOND, 90 * SECOND, HOUR, -HOUR, 3 * DAY, -3 * DAY, -20_000 * DAY)
HUB_JUMPS = (2 * SECOND, -2 * SECOND, 60 * SECOND, -60 * SECOND)
"""A server's clock is kept right by others; what it jumps by is a correction."""
NOTHING_KEPT = Keep(0, 0, 300)
IMAGE_EVERY = 1200.0


class Storms:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._images: dict[str, tuple[Path, float]] = {}

    def begin(self) -> list[asyncio.Task[None]]:
        kinds: dict[str, Callable[[Random], Awaitable[None]]] = {
            "partition_every": self._partition,
            "hub_death_every": self._hub_dies,
            "agent_death_every": self._agent_dies,
            "agent_clock_every": self._agent_clock,
            "hub_clock_every": self._hub_clock,
            "compaction_every": self._compaction,
            "agent_restore_every": self._agent_restored,
            "hub_restore_every": self._hub_restored,
        }
        every = {kind: getattr(self._world.weather, kind) for kind in kinds}
        return [
            asyncio.get_running_loop().create_task(self._come(kind, mean, kinds[kind]))
            for kind, mean in every.items()
            if mean
        ] + [asyncio.get_running_loop().create_task(self._take_images())]

    async def _come(self, kind: str, mean: float, strike: Callable[[Random], Awaitable[None]]) -> None:
        dice = self._world.random(kind)
        while True:
            await asyncio.sleep(dice.expovariate(1 / mean))
            self._world.happened[kind.removesuffix("_every")] += 1
            await strike(dice)

    async def _partition(self, dice: Random) -> None:
        wire = dice.choice(self._world.wires)
        wire.cut()
        self._world.loop.call_later(dice.choice(PARTITIONS), wire.mend)

    async def _hub_dies(self, dice: Random) -> None:
        hub = self._world.hub
        hub.down_until = self._world.loop.time() + dice.choice(DOWN)
        hub.crash()

    async def _agent_dies(self, dice: Random) -> None:
        agent = self._world.agents[dice.choice(self._world.stores)]
        agent.down_until = self._world.loop.time() + dice.choice(DOWN)
        agent.crash()

    async def _agent_clock(self, dice: Random) -> None:
        self._world.clocks[dice.choice(self._world.stores)].off = dice.choice(JUMPS)

    async def _hub_clock(self, dice: Random) -> None:
        self._world.hub_clock.off = dice.choice(HUB_JUMPS)

    async def _compaction(self, dice: Random) -> None:
        if self._world.hub.serving() is not None and (hub := self._world.hub.running) is not None:
            assert self._world.hub.process is not None
            self._world.hub.process.spawn(hub.compact(NOTHING_KEPT))

    async def _agent_restored(self, dice: Random) -> None:
        """A while later it is started again, by whoever put the image back."""
        name = dice.choice(self._world.stores)
        if (kept := self._images.get(name)) is not None:
            self._world.agents[name].restore(kept[0])
            self._world.recorder.record("restored", node=name, t_image=kept[1])

    async def _hub_restored(self, dice: Random) -> None:
        if (kept := self._images.get("")) is not None:
            self._world.hub.restore(kept[0], with_marks=dice.random() < 0.5)
            self._world.recorder.record("restored", node="hub", t_image=None)

    async def _take_images(self) -> None:
        """As a nightly backup does, more often."""
        weather = self._world.weather
        while weather.agent_restore_every or weather.hub_restore_every:
            await asyncio.sleep(IMAGE_EVERY)
            for name, agent in self._world.agents.items():
                if weather.agent_restore_every:
                    self._images[name] = (agent.image(), self._world.loop.time())
            if weather.hub_restore_every:
                self._images[""] = (self._world.hub.image(), self._world.loop.time())
