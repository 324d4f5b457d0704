"""A log that stands before an event that must be understood keeps no other from going on, and goes on by itself."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from agent.follower import Follower
from agent.hub import Hub
from agent.line import Line, LineState
from agent.stopped_logs import LogStopped
from domain.events import CATALOGUE, OrderUrged, store_log
from domain.protocol import Cursor, Page
from tests.agent.shell.conftest import HURRIED, MemoryLog
from tests.agent.shell.fake_hub import NOW, FakeHub
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOG = store_log("S1")


class StoppingLog(MemoryLog):
    """Does not understand its event number `before`."""

    def __init__(self, name: str, before: int = 0) -> None:
        super().__init__(name)
        self.before = before

    async def apply(self, page: Page) -> Cursor:
        held = tuple(event for event in page.events if not self.before or event.seq < self.before)
        after = await super().apply(Page(page.head, held, page.reset))
        if len(held) < len(page.events) and after.seq == self.before - 1:
            raise LogStopped(f"{self.name} stops before {self.before}")
        return after


class Following:
    def __init__(self, hub: Hub, *logs: StoppingLog) -> None:
        self.logs, self.line = logs, Line(lambda: NOW)
        self.follower = Follower(hub, self._logs, self.line, patience=HURRIED, spread=random.uniform)

    async def _logs(self) -> tuple[StoppingLog, ...]:
        return self.logs


@asynccontextmanager
async def following(client: Hub, *logs: StoppingLog) -> AsyncIterator[Line]:
    made = Following(client, *logs)
    task = asyncio.create_task(made.follower.run())
    try:
        yield made.line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def urge(count: int) -> list[OrderUrged]:
    return [OrderUrged("o1", NOW) for _ in range(count)]


async def test_it_stops_in_the_stream_and_the_other_goes_on(hub: FakeHub, client: Hub) -> None:
    store, catalogue = StoppingLog(LOG), StoppingLog(CATALOGUE, before=3)
    async with following(client, store, catalogue) as line:
        await until(lambda: hub.streams == 1)
        await hub.tell(CATALOGUE, *urge(5))
        await hub.tell(LOG, *urge(5))
        await until(lambda: len(store.applied) == 5)
        assert catalogue.applied == [1, 2] and line.view.state is LineState.ONLINE
        catalogue.before = 0
        await until(lambda: catalogue.applied == [1, 2, 3, 4, 5])
        await until(lambda: hub.streams == 1)
        await hub.tell(CATALOGUE, *urge(1))
        await until(lambda: len(catalogue.applied) == 6)


@pytest.mark.parametrize("mute", [False, True], ids=["streaming", "polling"])
async def test_it_stood_still_at_the_start(hub: FakeHub, client: Hub, mute: bool) -> None:
    hub.mute = mute
    await hub.tell(LOG, *urge(3))
    await hub.tell(CATALOGUE, *urge(3))
    store, catalogue = StoppingLog(LOG, before=2), StoppingLog(CATALOGUE)
    async with following(client, store, catalogue) as line:
        await until(lambda: line.view.state is LineState.ONLINE)
        await hub.tell(CATALOGUE, *urge(3))
        await until(lambda: len(catalogue.applied) == 6)
        assert store.applied == [1]
        store.before = 0
        await until(lambda: store.applied == [1, 2, 3])


async def test_all_of_them_stand_still_and_the_line_is_up(hub: FakeHub, client: Hub) -> None:
    await hub.tell(LOG, *urge(2))
    await hub.tell(CATALOGUE, *urge(2))
    store, catalogue = StoppingLog(LOG, before=1), StoppingLog(CATALOGUE, before=2)
    async with following(client, store, catalogue) as line:
        await until(lambda: catalogue.applied == [1])
        await until(lambda: line.view.state is LineState.ONLINE)
        store.before = catalogue.before = 0
        await until(lambda: store.applied == catalogue.applied == [1, 2])
