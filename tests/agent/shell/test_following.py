"""Following the hub over real HTTP: whatever happens to the stream, every event is applied once and in order."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import msgspec
import pytest

from agent.follower import Follower
from agent.hub import Hub
from agent.hub_errors import KeyUnknown, Revoked
from agent.line import Line, LineState
from agent.patience import Patience
from domain.events import CATALOGUE, OrderUrged, store_log
from domain.protocol import Bye, Cursor
from tests.agent.shell.conftest import HURRIED, MemoryLog
from tests.agent.shell.fake_hub import NOW, REVOKED, STRANGER, Answer, FakeHub
from tests.agent.shell.speaking import speaking
from tests.awaiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = store_log("S1")


def urge(count: int) -> list[OrderUrged]:
    return [OrderUrged("o1", NOW) for _ in range(count)]


class Following:
    def __init__(self, hub: Hub, patience: Patience = HURRIED) -> None:
        self.store, self.catalogue = MemoryLog(LOG), MemoryLog(CATALOGUE)
        self.line = Line(lambda: NOW)
        self.pauses = list[tuple[float, float]]()
        """Each that was taken, as it was drawn."""
        self.follower = Follower(hub, self._logs, self.line, patience=patience, spread=self._spread)

    def _spread(self, low: float, high: float) -> float:
        self.pauses.append((low, high))
        return random.uniform(low, high)

    async def _logs(self) -> tuple[MemoryLog, ...]:
        return self.store, self.catalogue


@asynccontextmanager
async def following(client: Hub, patience: Patience = HURRIED) -> AsyncIterator[Following]:
    made = Following(client, patience)
    task = asyncio.create_task(made.follower.run())
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_was_before_is_pulled_and_what_comes_is_streamed(hub: FakeHub, client: Hub) -> None:
    await hub.tell(LOG, *urge(450))
    await hub.tell(CATALOGUE, *urge(3))
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        assert agent.store.applied == list(range(1, 451)) and agent.catalogue.applied == [1, 2, 3]
        pulls = len(hub.pulls)
        await hub.tell(LOG, *urge(3))
        await until(lambda: len(agent.store.applied) == 453)
    assert agent.store.applied == list(range(1, 454))
    assert len(hub.pulls) == pulls and hub.opened == 1
    assert agent.line.view.state is LineState.ONLINE


async def test_a_gap_in_the_stream_is_pulled(hub: FakeHub, client: Hub) -> None:
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        hub.skip_frames = 2
        await hub.tell(LOG, *urge(4))
        await until(lambda: len(agent.store.applied) == 4)
    assert agent.store.applied == [1, 2, 3, 4]
    assert hub.opened == 1


async def test_a_lost_last_event_is_seen_by_the_heartbeat(hub: FakeHub, client: Hub) -> None:
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        hub.skip_frames = 1
        await hub.tell(LOG, *urge(1))
        hub.heartbeat()
        await until(lambda: agent.store.applied == [1])
    assert hub.opened == 1


async def test_another_incarnation_is_begun_anew(hub: FakeHub, client: Hub) -> None:
    await hub.tell(LOG, *urge(2))
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        hub.restore(LOG)
        await until(lambda: agent.store.resets == 1 and agent.store.applied == [1, 2, 1, 2])
    assert await agent.store.cursor() == Cursor(LOG, "second", 2)


async def test_a_hub_restored_behind_us_is_begun_anew(hub: FakeHub, client: Hub) -> None:
    await hub.tell(LOG, *urge(3))
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        del hub.log(LOG).events[1:]
        hub.heartbeat()
        await until(lambda: agent.store.resets == 1 and agent.store.applied == [1, 2, 3, 1])
    assert (await agent.store.cursor()).seq == 1


async def test_a_silent_stream_is_dropped_and_opened_again(hub: FakeHub, client: Hub) -> None:
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        hub.quiet = True
        await hub.tell(LOG, *urge(1))
        await until(lambda: agent.line.view.state is LineState.OFFLINE)
        hub.quiet = False
        await until(lambda: hub.opened >= 2 and agent.store.applied == [1])


async def test_two_mute_streams_mean_long_polling_until_one_lives(
    hub: FakeHub, client: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.mute = True
    async with following(client) as agent:
        await until(lambda: agent.line.view.polling)
        assert hub.opened == 2
        await until(lambda: any(wait > 0 for _, wait in hub.pulls))
        await hub.tell(LOG, *urge(1))
        await hub.tell(CATALOGUE, *urge(1))
        await until(lambda: agent.store.applied == [1] and agent.catalogue.applied == [1])
        assert {cursor.log for cursor, wait in hub.pulls if wait > 0} == {LOG, CATALOGUE}, "one poll waits for both"
        hub.mute = False
        with caplog.at_level(logging.INFO):
            await until(lambda: agent.line.view.state is LineState.ONLINE and not agent.line.view.polling)
        await hub.tell(LOG, *urge(1))
        await until(lambda: agent.store.applied == [1, 2])


PATIENT = msgspec.structs.replace(HURRIED, poll=60.0, longest_poll=600.0, probe=600.0)
"""On no machine does a poll that is answered at once take half as long as it asked for."""


async def test_a_poll_answered_at_once_with_nothing_is_followed_by_a_pause(hub: FakeHub, client: Hub) -> None:
    hub.mute = hub.hasty = True
    async with following(client, PATIENT) as agent:
        await until(lambda: agent.line.view.polling)
        before, polled = len(agent.pauses), len(polls(hub))
        await until(lambda: len(polls(hub)) > polled + 5)
        pauses, asked = agent.pauses[before:], polls(hub)[polled:]
        await hub.tell(LOG, *urge(3))
        await until(lambda: agent.store.applied == [1, 2, 3])
    assert len(pauses) >= len(asked) - 1 and set(pauses) == {(0.0, PATIENT.retry)}
    assert set(polls(hub)) == {60.0}, "none was quiet to its end, and none was cut"


async def test_a_poll_that_brought_news_is_followed_by_the_next_at_once(hub: FakeHub, client: Hub) -> None:
    hub.mute = True
    async with following(client, PATIENT) as agent:
        await until(lambda: agent.line.view.polling)
        before = len(agent.pauses)
        for told in ([1], [1, 2], [1, 2, 3]):
            await hub.tell(LOG, *urge(1))
            await until(partial(agent.store.applied.__eq__, told))
        assert agent.pauses[before:] == []


async def test_a_poll_quiet_to_its_end_is_followed_by_a_longer_one_at_once(hub: FakeHub, client: Hub) -> None:
    hub.mute = True
    async with following(client, msgspec.structs.replace(HURRIED, probe=600.0)) as agent:
        await until(lambda: agent.line.view.polling)
        before = len(agent.pauses)
        await until(lambda: len(polls(hub)) > 2)
        assert agent.pauses[before:] == []
    assert polls(hub)[:3] == [HURRIED.poll, HURRIED.longest_poll, HURRIED.longest_poll]


def polls(hub: FakeHub) -> list[float]:
    """How long each that waits for both logs asked to."""
    return [wait for cursor, wait in hub.pulls if wait > 0 and cursor.log == LOG]


async def test_a_hub_that_ends_is_found_again(hub: FakeHub, client: Hub) -> None:
    async with following(client) as agent:
        await until(lambda: hub.streams == 1)
        hub.cut()
        await until(lambda: hub.opened >= 2)
        await hub.tell(LOG, *urge(1))
        await until(lambda: agent.store.applied == [1])


async def test_a_bye_says_when_to_come_back(hub: FakeHub, client: Hub) -> None:
    async with following(client):
        await until(lambda: hub.streams == 1)
        began = asyncio.get_running_loop().time()
        hub.bye(Bye("stopping", 0.6, 0.7))
        await until(lambda: hub.streams == 0)
        assert hub.opened == 1, "the stream is left at once"
        await until(lambda: hub.opened >= 2)
        assert asyncio.get_running_loop().time() - began >= 0.6


async def test_retry_after_is_kept(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(503, b"", Retry_After="1")
    began = asyncio.get_running_loop().time()
    async with following(client) as agent:
        await until(lambda: agent.line.view.state is LineState.OFFLINE)
        hub.refuse = None
        await until(lambda: hub.opened == 1)
        assert asyncio.get_running_loop().time() - began > 0.9


async def test_a_login_page_on_the_way_is_no_refusal(hub: FakeHub, client: Hub) -> None:
    hub.refuse = Answer(403, b"<html>please log in</html>")
    async with following(client) as agent:
        await until(lambda: agent.line.view.state is LineState.OFFLINE)
        hub.refuse = None
        await until(lambda: agent.line.view.state is LineState.ONLINE)


async def test_a_revoked_agent_stops_at_once(hub: FakeHub, client: Hub) -> None:
    made = Following(client)
    task = asyncio.create_task(made.follower.run())
    await until(lambda: hub.streams == 1)
    hub.refuse = REVOKED
    hub.bye(Bye("revoked", 0.0, 0.0))
    with pytest.raises(Revoked, match="本店已换新机"):
        await asyncio.wait_for(task, 30)


async def test_a_hub_that_does_not_know_us_says_so(hub: FakeHub) -> None:
    stranger = Hub(hub.url, speaking(STRANGER))
    try:
        with pytest.raises(KeyUnknown):
            await asyncio.wait_for(Following(stranger).follower.run(), 30)
    finally:
        await stranger.close()


async def test_a_page_that_moves_nothing_is_not_pulled_for_ever(hub: FakeHub, client: Hub) -> None:
    await hub.tell(LOG, *urge(2))
    del hub.log(LOG).events[0]
    hub.log(LOG).events.append(hub.log(LOG).events[0])
    async with following(client) as agent:
        await until(lambda: "does not get beyond" in agent.line.view.reason)
    assert len(hub.pulls) < 200


async def test_the_page_learns_of_a_wrong_clock(hub: FakeHub, client: Hub) -> None:
    async with following(client) as agent:
        agent.line._clock = lambda: NOW - 90_000
        await until(lambda: hub.streams == 1)
        hub.heartbeat()
        await until(lambda: agent.line.view.clock_off == 90_000)
