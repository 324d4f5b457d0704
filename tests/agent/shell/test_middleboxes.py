"""Following the hub through what stands in between: a proxy that keeps answers back until they are whole, and a line
that goes dead without a word."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from agent.hub import Hub
from agent.line import LineState
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.shell.speaking import speaking
from tests.agent.shell.test_following import LOG, following, urge
from tests.awaiting import until
from tests.faults.lanes import Way
from tests.faults.proxy import FaultProxy
from tests.listening import connected, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Buffering:
    """Passes an answer on once it is whole, as some antivirus programs do. A stream never is."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.kept_back = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with connected(self._to) as (behind, before):
            head = await reader.readuntil(b"\r\n\r\n")
            before.write(head + await reader.readexactly(_length(head)))
            answer = await behind.readuntil(b"\r\n\r\n")
            if b"text/event-stream" in answer:
                self.kept_back += 1
                await reader.read()
                return
            writer.write(answer + await behind.readexactly(_length(answer)))


def _length(head: bytes) -> int:
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


@pytest_asyncio.fixture(loop_scope="module")
async def buffering(hub: FakeHub) -> AsyncIterator[tuple[Buffering, Hub]]:
    box = Buffering(hub.port)
    async with listening(box.serve) as port:
        client = Hub(f"http://127.0.0.1:{port}", speaking())
        yield box, client
        await client.close()


async def test_behind_a_proxy_that_keeps_streams_back_events_come_by_polling(
    hub: FakeHub, buffering: tuple[Buffering, Hub]
) -> None:
    box, client = buffering
    async with following(client) as agent:
        await until(lambda: agent.line.view.polling)
        assert box.kept_back >= 2
        await hub.tell(LOG, *urge(3))
        await until(lambda: agent.store.applied == [1, 2, 3])
        assert agent.line.view.state is LineState.ONLINE


async def test_a_line_that_goes_dead_is_noticed_and_left(hub: FakeHub) -> None:
    """Nothing is closed and nothing comes: only silence says it."""
    proxy = FaultProxy(hub.port)
    await asyncio.to_thread(proxy.start)
    client = Hub(proxy.url, speaking())
    try:
        async with following(client) as agent:
            await until(lambda: hub.streams == 1 and agent.line.view.state is LineState.ONLINE)
            await asyncio.to_thread(proxy.set, Way(hole=True))
            await until(lambda: agent.line.view.state is LineState.OFFLINE)
            await hub.tell(LOG, *urge(2))
            await asyncio.to_thread(proxy.heal)
            await asyncio.to_thread(proxy.bury)
            await until(lambda: agent.store.applied == [1, 2] and agent.line.view.state is LineState.ONLINE)
    finally:
        await client.close()
        await asyncio.to_thread(proxy.stop)
