"""One hub, several stores, two platforms, one seed: everything that happens in it follows from that seed."""

import asyncio
import json
import random as global_random
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from agent import outbox
from agent.files import CACHE, WORK
from agent.transactions import Reading
from cloud import agents
from domain.times import SECOND, Millis
from tests.history import files
from tests.history.checks import HEALED_SECONDS, History
from tests.simulation.agent_node import HUB_URL, AgentNode
from tests.simulation.clerk import Clerk
from tests.simulation.deaths import Deaths
from tests.simulation.founding import CHANNELS, START, founded, store_name
from tests.simulation.goods import Shelf
from tests.simulation.hub_node import SWEEP_SECONDS, HubNode
from tests.simulation.platform import Platform
from tests.simulation.process import own_tasks
from tests.simulation.recording import Recorder
from tests.simulation.storms import Storms
from tests.simulation.updates import Updates
from tests.simulation.virtual_loop import VirtualLoop
from tests.simulation.weather import CALM, Weather
from tests.simulation.wire import Wire
from tests.simulation.witness import Witness

T = TypeVar("T")
IN_MEMORY = Path("/dev/shm")
ORDERS_AN_HOUR = 32.0
FINISHED_ELSEWHERE, WITHIN = 0.75, 120.0
"""So many orders are seen to in the platform's own app, at some time of their life: the mean of it in seconds."""
LONGEST_HEALING = 300
"""Seconds: whoever takes longer will not come."""


class Skewed:
    """A clock of one machine: the world's, and what it is off by."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.off: Millis = 0

    def __call__(self) -> Millis:
        return START + round(self._loop.time() * SECOND) + self.off


class World:
    def __init__(self, seed: int, folder: Path, loop: VirtualLoop, *, stores: int, weather: Weather) -> None:
        self.seed, self.folder, self.loop, self.weather = seed, folder, loop, weather
        self.recorder = Recorder(loop.time)
        self.deaths = Deaths(lambda: self.weather, self.random("crashes"))
        self.hub_clock = Skewed(loop)
        self.platform_clock = Skewed(loop)
        self.platforms = {
            name: Platform(name, self._wire(name), self.platform_clock, self.random(f"platform {name}"), self.recorder)
            for name in CHANNELS
        }
        self.hub = HubNode(folder, self.platforms, self.hub_clock, self.random("hub"), self.deaths.of_hub)
        self.stores = [store_name(number) for number in range(1, stores + 1)]
        self.clocks = {store: Skewed(loop) for store in self.stores}
        self.shelves = {store: Shelf(number) for number, store in enumerate(self.stores, 1)}
        self.agents = {
            store: AgentNode(
                store, folder / store, self._wire(store), self.clocks[store], self.random(f"agent {store}"),
                self.deaths.of_agent, Witness(store, self.recorder),
            )
            for store in self.stores
        }  # fmt: skip
        self.clerks = {
            store: Clerk(self.agents[store], self.shelves[store], self.random(f"clerk {store}"), self.recorder)
            for store in self.stores
        }
        self.sold = 0
        self._looked_after: asyncio.Task[None] | None = None
        self.updates = Updates(self)
        self.happened: Counter[str] = Counter()
        """Faults beside those of the wires."""
        self.end = History([])
        """Once it is over."""

    def random(self, of: str) -> Random:
        """Its own for each part, so that one part's draws do not change another's."""
        return Random(f"{self.seed} {of}")

    def _wire(self, name: str) -> Wire:
        return Wire(name, lambda: self.hub.serving(), CALM, self.random(f"wire {name}"))

    # Setting up: in fair weather, as an installer does

    async def open(self) -> None:
        self.updates.install()
        weather, self.weather = self.weather, CALM
        self.hub.file.write_bytes(founded(len(self.stores)))
        self.hub.start()
        await asyncio.sleep(1.0)
        for store in self.stores:
            await self._pair(store)
        await asyncio.sleep(30.0)
        self.change_weather(weather)

    def change_weather(self, weather: Weather) -> None:
        self.weather = weather
        for wire in self.wires:
            wire.weather = weather

    @property
    def wires(self) -> list[Wire]:
        of_stores = [agent.wire for agent in self.agents.values()]
        return of_stores + [platform.wire for platform in self.platforms.values()]

    async def _pair(self, store: str) -> None:
        assert self.hub.running is not None
        code = await self.hub.running.writer.run(lambda tx: agents.new_code(tx, store).code)
        agent = self.agents[store].start()
        await agent.process.spawn(agent.pairing.pair(HUB_URL, code))

    # Its life

    async def live(self, hours: float) -> None:
        """Orders come for so long; whoever died is started again, and the weather is as it is."""
        loop = asyncio.get_running_loop()
        self.look_after()
        storms = Storms(self).begin()
        self.updates.begin(hours)
        people = [
            loop.create_task(each)
            for store in self.stores
            for each in (self.clerks[store].work(), self._customers(store))
        ]
        await asyncio.sleep(hours * 3600)
        for task in (*people, *storms):
            task.cancel()

    def look_after(self) -> None:
        if self._looked_after is None:
            self._looked_after = asyncio.get_running_loop().create_task(self._keep_up())

    async def _customers(self, store: str) -> None:
        dice = self.random(f"customers {store}")
        while True:
            await asyncio.sleep(dice.expovariate(ORDERS_AN_HOUR / 3600))
            platform = self.platforms[dice.choice(CHANNELS)]
            order = platform.sell(f"{platform.name}-{store}")
            self.sold += 1
            self.loop.call_later(dice.expovariate(1 / 300), platform.change_mind, order)
            if dice.random() < FINISHED_ELSEWHERE:
                self.loop.call_later(dice.expovariate(1 / WITHIN), platform.finish, order)

    async def _keep_up(self) -> None:
        """Watchdogs: systemd here, the service manager there."""
        while True:
            await asyncio.sleep(5.0)
            if not self.hub.alive and self.loop.time() >= self.hub.down_until:
                self.hub.start()
            for agent in self.agents.values():
                if not agent.alive and self.loop.time() >= agent.down_until:
                    agent.start()

    async def heal(self) -> None:
        """Fair weather from now on, until everything has come together; then a sweep's time more, so that also what
        no push ever told is there."""
        self.change_weather(CALM)
        for wire in self.wires:
            wire.mend()
            wire.plans.clear()
        self.deaths.planned.clear()
        self.hub.down_until = 0.0
        for agent in self.agents.values():
            agent.down_until = 0.0
        self.look_after()
        seconds = await self._come_together()
        self.recorder.record("converged", seconds=seconds)
        for platform in self.platforms.values():
            platform.close_shop()
        await asyncio.sleep(2 * SWEEP_SECONDS)
        await self._come_together()
        for platform in self.platforms.values():
            platform.record_due()

    async def _come_together(self) -> float | None:
        """How long it took; None when it never did."""
        since = self.loop.time()
        while (seconds := self.loop.time() - since) < LONGEST_HEALING:
            if self.together():
                return seconds
            await asyncio.sleep(2.0 if seconds < HEALED_SECONDS else 20.0)
        return None

    def together(self) -> bool:
        """Everybody runs, every cursor is at its head, no outbox waits."""
        return self.hub.alive and all(self._is_up_to_date(agent) for agent in self.agents.values())

    def _is_up_to_date(self, node: AgentNode) -> bool:
        if node.running is None or not node.alive:
            return False
        heads = {log: (log_id, head) for log, log_id, head in self.hub.heads()}
        cursors = node.running.work.read(_cursors) + node.running.cache.read(_cursors)
        return node.running.work.read(outbox.depth) == 0 and all(
            heads.get(log) == (log_id, seq) for log, log_id, seq in cursors
        )

    def faults(self) -> Counter[str]:
        """What happened to it, and how often."""
        lives = {"hub": self.hub.lives - 1, "agent": sum(agent.lives - 1 for agent in self.agents.values())}
        happened = self.happened + Counter({f"{who}_died": count for who, count in lives.items()})
        for wire in self.wires:
            happened += wire.struck
        return happened

    async def stop(self) -> None:
        """The power goes everywhere."""
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        self.hub.crash()
        for agent in self.agents.values():
            agent.crash()

    def history(self) -> History:
        """All that happened, and what is left of it."""
        records = [json.loads(line) for line in self.recorder.lines]
        records += files.of_hub(self.hub.file)
        for node in self.agents.values():
            records += files.of_agent(node.name, node.folder / WORK, node.folder / CACHE)
        return History(records)


def _cursors(reading: Reading) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in reading.db.execute("SELECT log, log_id, seq FROM cursors")]


@contextmanager
def world(seed: int, *, stores: int = 2, weather: Weather = CALM) -> Iterator[World]:
    """Files in memory where the machine has a place for that."""
    folder = Path(tempfile.mkdtemp(prefix=f"yaolink-sim-{seed}-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    founded(stores)  # the first time it draws, which must change nothing in what follows
    global_random.seed(seed)
    loop = VirtualLoop()
    loop.set_task_factory(own_tasks)
    made = World(seed, folder, loop, stores=stores, weather=weather)
    try:
        yield made
    finally:
        _end(loop, made)
        shutil.rmtree(folder)


def run(world: World, what: Coroutine[Any, Any, T]) -> T:
    asyncio.set_event_loop(None)
    return world.loop.run_until_complete(what)


def _end(loop: VirtualLoop, world: World) -> None:
    loop.run_until_complete(world.stop())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
